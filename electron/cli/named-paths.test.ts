// What the built command line does with the paths that are named: which ones it scans, and what its exit code says of the others.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eicarBytes } from '#shared/testing/samples.ts'
import { makeZip } from '../engine/unpack/testing/archives.ts'
import { buildProduct, builtDir, projectDir } from '../engine-host/testing/built.ts'

let root: string
let tree: string

// Every test starts several processes.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(buildProduct)
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'named-'))
  tree = path.join(root, 'tree')
  mkdirSync(tree)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

interface Start {
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  readonly program?: readonly string[]
}

function cli(args: readonly string[], { dataDir = path.join(root, 'data'), env = {}, program }: Start = {}) {
  const [file = '', ...before] = program ?? [process.execPath, path.join(builtDir, 'cli.js')]
  const ran = spawnSync(file, [...before, ...args], {
    cwd: tree,
    env: { ...process.env, ...env, PROTECTION_DATA_DIR: dataDir },
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const write = (name: string, content: Uint8Array | string = 'text') => writeFileSync(path.join(tree, name), content)

describe('paths of the line', () => {
  it('that are not UTF-8 are each scanned, and left out, as what they are', () => {
    const [first, second] = ['\\377', '\\376']
    const shell = (line: string) =>
      cli(['-c', line, process.execPath, path.join(builtDir, 'cli.js')], { program: ['sh'] })
    const names = `f=$(printf 'a${first}'); s=$(printf 'a${second}');`
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/a`), Buffer.of(0xff)]), 'ok')
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/a`), Buffer.of(0xfe)]), eicarBytes())
    const both = shell(`${names} exec "$0" "$1" scan "$f" "$s"`)
    expect(both).toMatchObject({ code: 1, out: expect.stringContaining('2 files') })
    expect(both.out).toContain('a\\xfe: EICAR-Test-File')
    expect(shell(`${names} exec "$0" "$1" scan "$s" --exclude "$f"`).code).toBe(1)
    expect(shell(`${names} exec "$0" "$1" scan "$s" --exclude="$s"`).code).toBe(0)
  })

  it('that are empty are refused, and nothing is touched', () => {
    write('e', eicarBytes())
    for (const args of [
      ['scan', '', '--treat'],
      ['scan', '.', '--exclude', ''],
      ['scan', '--databases=', '.'],
    ])
      expect(cli(args)).toMatchObject({ code: 2, out: '' })
    expect(cli(['quarantine', 'restore', 'x', '--to', '']).err).toContain('--to PATH must not be empty')
    expect(existsSync(path.join(tree, 'e'))).toBe(true)
  })

  it('mean the folder of the caller, also through npm', () => {
    write('e', eicarBytes())
    const ran = cli(['--prefix', projectDir, 'run', '-s', 'cli', '--', 'scan', 'e'], { program: ['npm'] })
    const direct = cli(['scan', 'e'], { program: [process.execPath, path.join(projectDir, 'build/cli.mjs')] })
    for (const { out, code } of [ran, direct]) {
      expect(out).toContain(`FOUND        ${path.join(tree, 'e')}: EICAR-Test-File`)
      expect(code).toBe(1)
    }
  })

  it('go up from where a link leads', () => {
    mkdirSync(path.join(tree, 'far', 'folder'), { recursive: true })
    symlinkSync(path.join('far', 'folder'), path.join(tree, 'link'))
    write('file')
    write('far/file', eicarBytes())
    expect(cli(['scan', 'link/../file']).out).toContain(`${path.join(tree, 'far', 'file')}: EICAR-Test-File`)
  })

  it('that are missing are told, and the others scanned', () => {
    write('e', eicarBytes())
    const text = cli(['scan', 'missing', '.'])
    expect(text).toMatchObject({ code: 2, err: `error: not-found: ${path.join(tree, 'missing')}\n` })
    expect(text.out).toContain('EICAR-Test-File')
    const [problem, ...rest] = lines(cli(['scan', '--json', '.', 'missing']).out)
    const place = path.join(tree, 'missing')
    const fields = { path: place, pathBase64: Buffer.from(place).toString('base64') }
    expect(problem).toEqual({ type: 'error', code: 'not-found', ...fields })
    expect(rest.map(({ type }) => type)).toEqual(['finding', 'summary'])
    expect(lines(cli(['scan', '--json', 'missing']).out)).toEqual([problem])
  })

  it.runIf(process.geteuid?.() === 0)('below a closed folder have no access; they are not missing', () => {
    mkdirSync(path.join(tree, 'closed'))
    write('closed/file')
    chmodSync(path.join(tree, 'closed'), 0o700)
    for (const folder of [root, tree]) chmodSync(folder, 0o777)
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath]
    const ran = cli(['scan', 'closed/file'], { program: [...nobody, path.join(builtDir, 'cli.js')] })
    expect(ran).toMatchObject({ code: 2, err: `error: no-permission: ${path.join(tree, 'closed/file')}\n` })
  })
})

describe('an exit code of 0', () => {
  it('is not given when what is named was not scanned', () => {
    write('a')
    spawnSync('mkfifo', [path.join(tree, 'fifo')])
    expect(cli(['scan', 'fifo'])).toMatchObject({ code: 3, out: expect.stringContaining('NOT SCANNED') })
    expect(cli(['scan', 'a', 'fifo']).code).toBe(3)
    expect(cli(['scan', '.']).code).toBe(0)
    write('e', eicarBytes())
    expect(cli(['scan', 'e', 'fifo']).code).toBe(1)
  })

  it('with --strict means that all of it was scanned', () => {
    write('a')
    expect(cli(['scan', '--strict', '.']).code).toBe(0)
    write('cut.zip', makeZip([{ name: 'a', data: Buffer.from('text') }]).subarray(0, -8))
    expect(cli(['scan', '.']).code).toBe(0)
    expect(cli(['scan', '--strict', '.']).code).toBe(3)
    write('e', eicarBytes())
    expect(cli(['scan', '--strict', '.']).code).toBe(1)
  })
})

describe('errors', () => {
  it('are told to programs in the output', () => {
    const codes = (...args: string[]) => lines(cli([...args, '--json']).out)
    expect(codes('scan')).toEqual([{ type: 'error', code: 'bad-request', detail: 'scan needs PATH...' }])
    expect(codes('scan', '.', '--databases', tree)).toMatchObject([{ type: 'error', code: 'databases-unusable' }])
  })

  it('a data folder that cannot be used is one, and nothing hangs', () => {
    write('a')
    for (const dataDir of ['/proc/x', '/proc', path.join(tree, 'a')])
      for (const args of [
        ['scan', 'a'],
        ['quarantine', 'list'],
        ['databases', 'add', 'a'],
      ]) {
        const ran = cli(args, { dataDir })
        expect(ran.code).toBe(2)
        expect(ran.err).toMatch(/^error: io-error: the data folder \S+ cannot be used \(E[A-Z]+\)\n$/)
      }
  })
})

it('the data folder of another person is nothing that is found', () => {
  write('a')
  const mine = path.join(root, 'mine')
  expect(cli(['scan', '.'], { dataDir: mine }).code).toBe(0)
  cpSync(mine, path.join(tree, 'copy'), { recursive: true })
  expect(existsSync(path.join(tree, 'copy', 'rules-cache'))).toBe(true)
  expect(cli(['scan', '--strict', '.'])).toMatchObject({ code: 0, out: expect.stringContaining('nothing found') })
})
