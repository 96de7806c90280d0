// The built command line as a person or a program runs it: exit codes, JSON lines, treatment, Quarantine, the app's lock.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eicarBytes, suspiciousMarkerBytes } from '#shared/testing/samples.ts'
import { makeTar, makeZip } from '../engine/unpack/testing/archives.ts'
import { buildProduct, builtDir } from '../engine-host/testing/built.ts'
import { takeAppLock } from '../process/app-lock.ts'

let root: string
let tree: string
let dataDir: string

// Every test starts several processes.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(buildProduct)
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'cli-'))
  tree = path.join(root, 'tree')
  dataDir = path.join(root, 'data')
  mkdirSync(tree)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

const cliFile = path.join(builtDir, 'cli.js')

function cli(...args: readonly (string | Buffer)[]) {
  const started = Date.now()
  const env = { ...process.env, PROTECTION_DATA_DIR: dataDir }
  const ran = spawnSync(process.execPath, [cliFile, ...args.map(String)], { cwd: tree, env, encoding: 'utf8' })
  return { code: ran.status, out: ran.stdout, err: ran.stderr, ms: Date.now() - started }
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const fieldsOf = (place: string) => ({ path: place, pathBase64: Buffer.from(place).toString('base64') })

describe('exit codes', () => {
  it('is 0 when nothing is found, quickly, and never calls anything clean', () => {
    writeFileSync(path.join(tree, 'a.txt'), 'text')
    const ran = cli('scan', tree)
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('nothing found')
    expect(ran.out.toLowerCase()).not.toContain('clean')
    // The best of a few: other tests may be using the machine.
    const times = [ran.ms, cli('scan', tree).ms, cli('scan', tree).ms]
    const bare = Date.now()
    spawnSync(process.execPath, ['-e', '0'])
    expect(Math.min(...times)).toBeLessThan(Math.max(1500, 25 * (Date.now() - bare)))
    expect(existsSync(path.join(dataDir, 'secrets.json'))).toBe(false)
  })

  it('is 1 when something is found, also beside what cannot be read', () => {
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    const ran = cli('scan', '.')
    expect(ran.code).toBe(1)
    expect(ran.out).toContain(`FOUND        ${path.join(tree, 'e')}: EICAR-Test-File (infected, eicar)`)
  })

  it('is that of what a link leads to when a link is named', () => {
    mkdirSync(path.join(tree, 'real'))
    writeFileSync(path.join(tree, 'real', 'e'), eicarBytes())
    symlinkSync('real', path.join(tree, 'folder'))
    symlinkSync(path.join('real', 'e'), path.join(tree, 'file'))
    for (const named of ['folder', 'folder/', 'file']) {
      const ran = cli('scan', named)
      expect(ran.code, named).toBe(1)
      expect(ran.out).toContain(`FOUND        ${path.join(tree, 'real', 'e')}: EICAR-Test-File`)
    }
  })

  it('is 2 for an error: no such path, wrong line, no databases, unusable databases', () => {
    const wrong = [
      [],
      ['scan'],
      ['scan', '--nonsense', '.'],
      ['dance'],
      ['scan', '--threads', '99', '.'],
      ['scan', '--load', '0', '.'],
      ['quarantine', 'list', '--treat'],
    ]
    for (const args of wrong) expect(cli(...args)).toMatchObject({ code: 2, out: '' })
    expect(cli('scan', 'missing')).toMatchObject({ code: 2, err: `error: not-found: ${path.join(tree, 'missing')}\n` })
    const unusable = cli('scan', '--databases', tree, tree)
    expect(unusable).toMatchObject({ code: 2 })
    expect(unusable.err).toContain('databases-unusable')
  })

  it('prints help from the one table', () => {
    const { code, out } = cli('--help')
    expect(code).toBe(0)
    for (const word of ['--json', '--databases DIR', '--treat', 'quarantine restore ID', 'Exit codes'])
      expect(out).toContain(word)
  })
})

describe('--json', () => {
  it('prints findings, gaps and last a summary, one object a line', () => {
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    writeFileSync(path.join(tree, 'l\nine'), 'x')
    spawnSync('mkfifo', [path.join(tree, 'fifo')])
    const { code, out } = cli('scan', '--json', '--threads', '2', '--no-cache', tree)
    const [finding, gap, summary] = lines(out).sort((a, b) => a.type.localeCompare(b.type))
    expect(code).toBe(1)
    expect(finding).toEqual({
      type: 'finding',
      ...fieldsOf(path.join(tree, 'e')),
      member: [],
      threat: 'EICAR-Test-File',
      verdict: 'infected',
      engine: 'eicar',
      coverage: { kind: 'full' },
      findingsComplete: true,
    })
    const place = { ...fieldsOf(path.join(tree, 'fifo')), member: [] }
    expect(gap).toEqual({ type: 'notScanned', ...place, reason: 'special-file', partial: false })
    expect(lines(out).at(-1)).toEqual(summary)
    expect(Object.keys(summary)).toEqual([
      'type',
      'outcome',
      'objects',
      'files',
      'bytes',
      'findings',
      'notScanned',
      'partial',
      'excluded',
      'durationMs',
      'databases',
    ])
    expect(summary).toMatchObject({ objects: 2, files: 2, bytes: 69, findings: 1 })
    expect(summary).toMatchObject({ notScanned: 1, partial: 0, excluded: 0 })
  })

  it('takes names that are no UTF-8 from the line', async () => {
    const name = Buffer.from([0x61, 0xff, 0x62])
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), name]), eicarBytes())
    const { status, stdout } = spawnSync('sh', ['-c', `exec "$0" "$1" scan --json a*`, process.execPath, cliFile], {
      cwd: tree,
      env: { ...process.env, PROTECTION_DATA_DIR: dataDir },
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    const bytes = Buffer.concat([Buffer.from(`${tree}/`), name])
    const fields = { path: path.join(tree, 'a\\xffb'), pathBase64: bytes.toString('base64') }
    expect(lines(stdout)[0]).toMatchObject(fields)
  })

  it('uses the databases of a folder alone, leaves out what is excluded', () => {
    const databases = path.join(root, 'db')
    mkdirSync(databases)
    writeFileSync(path.join(databases, 'own.yar'), 'rule Own { strings: $a = "needle" condition: $a }')
    for (const folder of ['one', 'two']) {
      mkdirSync(path.join(tree, folder))
      writeFileSync(path.join(tree, folder, 'f'), 'a needle')
    }
    const { out } = cli('scan', '--json', '--databases', databases, '--exclude', 'two', '.')
    expect(lines(out)[0]).toEqual({ type: 'excluded', ...fieldsOf(path.join(tree, 'two')) })
    expect(
      lines(out)
        .filter((line) => line.type === 'finding')
        .map((line) => [line.path, line.threat]),
    ).toEqual([[path.join(tree, 'one', 'f'), 'Own']])
    expect(cli('databases', 'test', databases)).toMatchObject({ code: 0 })
    writeFileSync(path.join(databases, 'bad.yar'), 'rule Broken {')
    expect(cli('databases', 'test', databases)).toMatchObject({ code: 1 })
    expect(lines(cli('databases', 'list', '--json').out)[0]).toMatchObject({ type: 'databases', source: 'seed' })
  })
})

describe('databases of a person', () => {
  it("are tested, added, used besides the product's own, listed and removed", () => {
    const file = path.join(root, 'mine.yar')
    const meta = 'author = "A. Writer" reference = "https://x.example/1" description = "Sharp things" score = 65'
    writeFileSync(file, `rule Mine { meta: ${meta} strings: $a = "needle" condition: $a }`)
    writeFileSync(path.join(tree, 'n'), 'a needle')
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    expect(cli('scan', '--json', path.join(tree, 'n')).code).toBe(0)
    expect(cli('databases', 'add', file)).toMatchObject({ code: 0, out: expect.stringContaining('1 rules') })
    expect(lines(cli('databases', 'list', '--json').out)[0]).toMatchObject({ added: ['mine.yar'] })
    const ran = cli('scan', tree)
    expect(ran.out).toContain('EICAR-Test-File')
    const credit = 'score 65, rule by A. Writer, https://x.example/1'
    expect(ran.out).toMatch(new RegExp(`/n: Mine \\([a-z-]+, yara, ${credit}\\): Sharp things\n`))
    expect(cli('databases', 'remove', 'mine.yar').code).toBe(0)
    expect(cli('scan', '--json', path.join(tree, 'n')).code).toBe(0)
  })

  it('are not added when nothing in them can be used, or when they are not there', () => {
    const broken = path.join(root, 'broken.yar')
    writeFileSync(broken, 'rule Broken {')
    for (const file of [broken, path.join(root, 'missing.yar')]) {
      expect(cli('databases', 'add', file)).toMatchObject({ code: 2, err: expect.stringMatching(/unusable|not-found/) })
    }
    expect(lines(cli('databases', 'list', '--json').out)[0]).toMatchObject({ added: [] })
    expect(cli('databases', 'remove', 'broken.yar')).toMatchObject({ code: 2 })
    expect(readdirSync(dataDir).filter((name) => name.startsWith('own-databases'))).toEqual([])
  })
})

describe('bounds and figures', () => {
  it('looks only at what the bounds allow, and says so', () => {
    writeFileSync(path.join(tree, 'long'), Buffer.alloc(3_000_000, 'x'))
    const { out } = cli('scan', '--json', '--max-file-size', '1M', tree)
    expect(lines(out)[0]).toMatchObject({ type: 'notScanned', reason: 'too-big' })
  })

  it('measures a first and a repeated scan, and changes nothing', () => {
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    const { code, out } = cli('bench', '--json', tree)
    expect(code).toBe(0)
    expect(lines(out)).toMatchObject([
      {
        type: 'bench',
        measured: [
          { files: 1, bytes: 68 },
          { files: 1, bytes: 68 },
        ],
      },
    ])
    expect(existsSync(path.join(tree, 'e'))).toBe(true)
  })
})

describe('treatment and Quarantine', () => {
  it('treats what is certain, keeps what is not, and restores', () => {
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    writeFileSync(path.join(tree, 'm'), suspiciousMarkerBytes())
    const ran = cli('scan', '--treat', tree)
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('Made the key of Quarantine')
    expect(ran.out).toContain(`TREATED      ${path.join(tree, 'e')}: deleted`)
    expect(ran.out).toContain(`KEPT         ${path.join(tree, 'm')}`)
    expect(existsSync(path.join(tree, 'e'))).toBe(false)
    expect(existsSync(path.join(tree, 'm'))).toBe(true)
    expect(ran.out).toMatch(/^Treatment: (1 deleted, 1 kept|1 kept, 1 deleted)$/m)

    const [copy] = lines(cli('quarantine', 'list', '--json').out)
    expect(copy).toMatchObject({
      type: 'copy',
      ...fieldsOf(path.join(tree, 'e')),
      threat: 'EICAR-Test-File',
      sizeBytes: 68,
    })
    expect(cli('quarantine', 'restore', copy.id)).toMatchObject({
      code: 2,
      err: expect.stringContaining('still-detected'),
    })
    const target = path.join(root, 'back')
    expect(cli('quarantine', 'restore', copy.id, '--to', target, '--even-if-detected').code).toBe(0)
    expect(readFileSync(target)).toEqual(Buffer.from(eicarBytes()))
    expect(cli('quarantine', 'delete', copy.id)).toMatchObject({ code: 0, out: 'Deleted 1\n' })
    expect(cli('quarantine', 'delete', copy.id)).toMatchObject({ code: 2 })
    expect(cli('quarantine', 'list').out).toBe('')
  })

  it('ends what runs a treated file, and says so', async () => {
    const script = path.join(tree, 'evil.sh')
    const text = '# own marker\nwhile :; do sleep 61; done\n'
    writeFileSync(script, text)
    const databases = path.join(root, 'db')
    mkdirSync(databases)
    const sha256 = createHash('sha256').update(text).digest('hex')
    writeFileSync(path.join(databases, 'own.hsb'), `${sha256}:${text.length}:Own.Script\n`)
    const running = spawn('/bin/sh', [script], { stdio: 'ignore' })
    const ended = new Promise((done) => running.once('exit', (_code, signal) => done(signal)))
    try {
      const children = `/proc/${running.pid}/task/${running.pid}/children`
      await vi.waitUntil(() => readFileSync(children, 'utf8') !== '')
      const child = readFileSync(children, 'utf8').trim()
      const ran = cli('scan', '--treat', '--databases', databases, tree)
      const acts = [`ENDED        sh (${running.pid})`, `ENDED        sleep (${child})`]
      expect(ran.out).toContain([`TREATED      ${script}: deleted`, ...acts, ''].join('\n'))
      expect(await ended).toBe('SIGKILL')
    } finally {
      running.kill('SIGKILL')
    }
  })

  it('treats only what is certain in a file, and nothing of a portal', () => {
    const part = (name: string, data: Uint8Array) => ({ name, data: Buffer.from(data) })
    const mixed = [part('e', eicarBytes()), part('m', suspiciousMarkerBytes()), part('good', Buffer.from('good'))]
    writeFileSync(path.join(tree, 'mixed.zip'), makeZip(mixed))
    writeFileSync(path.join(tree, 'mixed.tgz'), gzipSync(makeTar(mixed)))
    const portal = path.join(tree, 'portal')
    mkdirSync(portal)
    writeFileSync(path.join(portal, 'e'), eicarBytes())
    vi.stubEnv('PORTAL_DATA_DIR', portal)
    const ran = cli('scan', '--treat', tree)
    expect(ran.out).toContain(`TREATED      ${path.join(tree, 'mixed.zip')}: disinfected`)
    expect(ran.out).toContain(`TREATED      ${path.join(tree, 'mixed.tgz')}: kept (cannot-disinfect)`)
    expect(readdirSync(tree).sort()).toEqual(['mixed.tgz', 'mixed.zip', 'portal'])
    expect(readdirSync(portal)).toEqual(['e'])
    const left = lines(cli('scan', '--json', path.join(tree, 'mixed.zip')).out)
    expect(left.filter(({ type }) => type === 'finding').map(({ member }) => member)).toEqual([['m']])
    expect(left.at(-1)).toMatchObject({ objects: 3 })
  })

  it('only scans while the app runs', async () => {
    writeFileSync(path.join(tree, 'e'), eicarBytes())
    const lock = await takeAppLock(dataDir, 'app')
    expect(cli('scan', tree).code).toBe(1)
    for (const args of [
      ['scan', '--treat', tree],
      ['quarantine', 'list'],
      ['quarantine', 'delete', 'x'],
    ]) {
      const ran = cli(...args)
      expect(ran.code).toBe(2)
      if (!args.includes('x')) expect(ran.err).toBe('error: app-running\n')
    }
    expect(existsSync(path.join(tree, 'e'))).toBe(true)
    await lock.release()
    expect(cli('quarantine', 'list').code).toBe(0)
    const command = await takeAppLock(dataDir, 'command')
    expect(cli('scan', '--treat', tree).err).toContain('error: storage-locked: another command works with it')
    await command.release()
  })

  it('takes over the lock of an app that is gone, also when its process id lives again', () => {
    mkdirSync(dataDir)
    for (const stale of [
      { version: 1, pid: 999_999_999, startTime: '1' },
      { version: 1, pid: process.pid, startTime: '1' },
    ]) {
      writeFileSync(path.join(dataDir, 'app.lock'), JSON.stringify(stale))
      expect(cli('quarantine', 'list').code).toBe(0)
      expect(existsSync(path.join(dataDir, 'app.lock'))).toBe(false)
    }
  })
})

describe('an interruption', () => {
  it('stops the scan in order and leaves no engine behind', async () => {
    for (let index = 0; index < 3000; index++) writeFileSync(path.join(tree, `f${index}`), `text ${index}`.repeat(2000))
    const env = { ...process.env, PROTECTION_DATA_DIR: dataDir }
    const child = spawn(process.execPath, [cliFile, 'scan', '--json', tree], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let out = ''
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString()
    })
    await expect.poll(() => existsSync(path.join(dataDir, 'scans')), { timeout: 20_000 }).toBe(true)
    child.kill('SIGINT')
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect(code).toBe(2)
    expect(lines(out).slice(-2)).toMatchObject([
      { type: 'error', code: 'aborted' },
      { type: 'summary', outcome: 'stopped' },
    ])
    const left = spawnSync('sh', ['-c', `grep -lsa "${dataDir}" /proc/[0-9]*/environ`], { encoding: 'utf8' })
    expect(left.stdout).toBe('')
  })
})
