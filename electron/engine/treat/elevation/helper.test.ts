// The helper that acts as administrator, as a program of its own, with good requests and with hostile ones.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { identityOfOpen } from '../../files/content.ts'
import { inodeFlags } from '../../files/linux-calls.ts'
import { toFilePath } from '../../files/path-text.ts'
import { canFlag, flagsOf, setFlags } from '../testing/inode-flags.ts'
import { isRoot } from '../testing/ordinary-user.ts'
import { exists, infectedContent } from '../testing/treatment-lab.ts'
import { HelperAnswer, type HelperRequest } from './request.ts'

const program = resolve('out/tests/treat/helper-for-tests.mjs')

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/helper-for-tests.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})

let root = ''
let files = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'helper-'))
  files = join(root, 'files')
  mkdirSync(files)
  mkdirSync(join(root, 'installation'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(name: string, content: Buffer | string = infectedContent()): string {
  writeFileSync(join(files, name), content)
  return join(files, name)
}

async function requestFor(path: string | Buffer, change: Partial<HelperRequest> = {}): Promise<HelperRequest> {
  const fd = openSync(path, 'r')
  try {
    const identity = await identityOfOpen(fd)
    return { version: 1, verb: 'delete', path: Buffer.from(path).toString('base64'), identity, ...change }
  } finally {
    closeSync(fd)
  }
}

const shownOf = (request: HelperRequest): string => toFilePath(Buffer.from(request.path, 'base64')).text

interface AskedAs {
  readonly uid?: number
  /** A program that runs the helper. */
  readonly inside?: readonly string[]
}

function askWith(input: string, shown: string, { uid, inside = [] }: AskedAs = {}): HelperAnswer {
  const helper = [process.execPath, program, join(root, 'base'), join(root, 'installation')]
  const [command = '', ...args] = [...inside, ...helper]
  const env = { PATH: process.env.PATH ?? '', TREAT_HELPER_PATH: shown }
  const ended = spawnSync(command, args, { input, encoding: 'utf8', env, ...(uid === undefined ? {} : { uid }) })
  if (ended.status !== 0) throw new Error(ended.stderr)
  return HelperAnswer.parse(JSON.parse(ended.stdout))
}

const ask = (request: HelperRequest): HelperAnswer => askWith(JSON.stringify(request), shownOf(request))
const journalsLeft = (): string[] => (exists(join(root, 'base')) ? readdirSync(join(root, 'base')) : [])

describe.runIf(isRoot)('the helper that acts as administrator', () => {
  it('deletes the very file that it is asked about, and leaves no journal behind', async () => {
    const file = write('evil')
    const other = write('other', 'other')
    expect(ask(await requestFor(file))).toEqual({ kind: 'done', otherLinks: 0, holders: [] })
    expect(exists(file)).toBe(false)
    expect(readFileSync(other, 'utf8')).toBe('other')
    expect(journalsLeft()).toEqual([])
  })

  it('deletes from a folder that only root may write to, also names that are no text', async () => {
    const path = Buffer.concat([Buffer.from(`${files}/`), Buffer.from([0xff, 0x0a, 0x41])])
    writeFileSync(path, infectedContent())
    chmodSync(files, 0o500)
    expect(ask(await requestFor(path))).toMatchObject({ kind: 'done' })
    expect(readdirSync(files)).toEqual([])
  })

  it.runIf(canFlag())('deletes an immutable file, or takes the flag alone away', async () => {
    const file = write('evil')
    setFlags(file, inodeFlags.immutable)
    expect(ask(await requestFor(file, { verb: 'clear-flags' }))).toMatchObject({ kind: 'done' })
    expect(flagsOf(file)).toBe(0)
    setFlags(file, inodeFlags.immutable)
    expect(ask(await requestFor(file))).toMatchObject({ kind: 'done' })
    expect(exists(file)).toBe(false)
  })

  it('does nothing where there is nothing to clear', async () => {
    const file = write('evil')
    for (const verb of ['clear-flags', 'unmount'] as const)
      expect(ask(await requestFor(file, { verb }))).toEqual({ kind: 'refused', code: 'in-use' })
    expect(exists(file)).toBe(true)
  })

  it.each(['sha256', 'ino', 'dev', 'size', 'birthtimeNs', 'mtimeNs'] as const)(
    'refuses a file whose %s is another one',
    async (field) => {
      const file = write('evil')
      const request = await requestFor(file)
      const { identity } = request
      const wrong = { sha256: 'a'.repeat(64), ino: '1', dev: '1', size: 1, birthtimeNs: '1', mtimeNs: '1' }[field]
      expect(ask({ ...request, identity: { ...identity, [field]: wrong } })).toEqual({
        kind: 'refused',
        code: 'object-changed',
      })
      expect(exists(file)).toBe(true)
    },
  )

  it('refuses a path that was swapped: for another file, a link to the file, a folder behind a link', async () => {
    const content = infectedContent()
    mkdirSync(join(files, 'folder'))
    const file = write('folder/evil', content)
    const request = await requestFor(file)
    renameSync(file, join(files, 'moved'))
    writeFileSync(file, content)
    expect(ask(request)).toEqual({ kind: 'refused', code: 'object-changed' })
    rmSync(file)
    symlinkSync(join(files, 'moved'), file)
    expect(ask(request)).toEqual({ kind: 'refused', code: 'is-link' })
    rmSync(join(files, 'folder'), { recursive: true })
    mkdirSync(join(files, 'victims'))
    linkSync(join(files, 'moved'), join(files, 'victims/evil'))
    symlinkSync(join(files, 'victims'), join(files, 'folder'))
    expect(ask(request)).toEqual({ kind: 'refused', code: 'object-changed' })
    expect(readFileSync(join(files, 'victims/evil')).equals(content)).toBe(true)
    rmSync(join(files, 'victims/evil'))
    expect(
      ask(await requestFor(write('gone'), { path: Buffer.from(join(files, 'nothing')).toString('base64') })),
    ).toEqual({
      kind: 'refused',
      code: 'object-gone',
    })
  })

  it('refuses what the product itself needs', async () => {
    const own = join(root, 'installation/engine.js')
    writeFileSync(own, infectedContent())
    expect(ask(await requestFor(own))).toEqual({
      kind: 'refused',
      code: 'object-protected',
      protectedBy: 'own-installation',
    })
    expect(exists(own)).toBe(true)
  })

  it.runIf(existsSync('/etc/pam.d'))('refuses what the system needs, whatever is asked for', async () => {
    // In a mount namespace of its own the folder is one of the test: the machine's has nothing to fear.
    write('common-auth')
    const path = Buffer.from('/etc/pam.d/common-auth').toString('base64')
    const inside = [
      'unshare',
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount --bind "$0" /etc/pam.d && exec "$@"',
      files,
    ]
    for (const verb of ['delete', 'clear-flags', 'unmount'] as const) {
      const request = await requestFor(join(files, 'common-auth'), { path, verb })
      expect(askWith(JSON.stringify(request), shownOf(request), { inside })).toEqual({
        kind: 'refused',
        code: 'object-protected',
        protectedBy: 'essential',
      })
    }
    expect(exists(join(files, 'common-auth'))).toBe(true)
  })

  it('refuses a path that is not the one the person was shown', async () => {
    const file = write('evil')
    const request = await requestFor(file)
    expect(askWith(JSON.stringify(request), write('harmless'))).toEqual({ kind: 'refused', code: 'bad-request' })
    expect(askWith(JSON.stringify(request), '')).toEqual({ kind: 'refused', code: 'bad-request' })
    expect(exists(file)).toBe(true)
  })

  it.each(['relative/evil', '', '/', '../evil', '/tmp/../etc/passwd', '/tmp/\0'])(
    'refuses the path %j',
    async (path) => {
      const request = { ...(await requestFor(write('evil'))), path: Buffer.from(path).toString('base64') }
      const shown = path === '' ? '' : shownOf(request)
      expect(askWith(JSON.stringify(request), shown)).toMatchObject({ kind: 'refused', code: 'bad-path' })
    },
  )

  it('refuses what is no request: other shapes, other verbs, no JSON, too much of it', async () => {
    const request = await requestFor(write('evil'))
    const shown = shownOf(request)
    const texts = [
      '',
      '{',
      'null',
      '[]',
      JSON.stringify({ ...request, verb: 'run' }),
      JSON.stringify({ ...request, more: 1 }),
    ]
    for (const text of texts) expect(askWith(text, shown)).toEqual({ kind: 'refused', code: 'bad-request' })
    const huge = JSON.stringify({ ...request, more: 'x'.repeat(10_000_000) })
    expect(askWith(huge, shown)).toEqual({ kind: 'refused', code: 'too-large' })
    expect(exists(join(files, 'evil'))).toBe(true)
  })

  it('is of no use to whoever is not root', async () => {
    chmodSync(root, 0o755)
    const request = await requestFor(write('evil'))
    expect(askWith(JSON.stringify(request), shownOf(request), { uid: 65_534 })).toEqual({
      kind: 'refused',
      code: 'needs-administrator',
    })
  })
})

describe.runIf(isRoot && canFlag())('what a run of the helper was cut off in', () => {
  it('is put right by the next one', async () => {
    const file = write('evil')
    const request = await requestFor(file)
    setFlags(file, 0)
    // As a run leaves it that was killed after it had taken the flag away: its process is no more.
    const folder = join(root, 'base/999999-1')
    mkdirSync(folder, { recursive: true })
    const at = new Date().toISOString()
    const detectionId = '00000000-0000-4000-8000-000000000001'
    const object = {
      path: toFilePath(Buffer.from(file)),
      identity: { ...request.identity, sha256: 'b'.repeat(64) },
      findings: [{ member: [], threat: '', verdict: 'infected', detector: 'hash' }],
      findingsComplete: true,
      coverage: { kind: 'full' },
    }
    const order = { detectionId, object, verb: 'delete', origin: { kind: 'local' }, databaseVersion: '' }
    const common = { version: 1, detectionId, at }
    const lines = [
      { ...common, kind: 'intent', order },
      { ...common, kind: 'clearing', act: { what: 'file-flags', flags: inodeFlags.immutable } },
    ]
    writeFileSync(join(folder, 'treatments.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(ask(await requestFor(write('another')))).toMatchObject({ kind: 'done' })
    expect(flagsOf(file)).toBe(inodeFlags.immutable)
    setFlags(file, 0)
    expect(exists(file)).toBe(true)
    expect(journalsLeft()).toEqual([])
  })
})
