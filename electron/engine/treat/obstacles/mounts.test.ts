// Mounts in the way of a treatment, and code in the first process, for real: each scenario runs in namespaces of its own.
import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isRoot } from '../testing/ordinary-user.ts'
import { marker } from '../testing/treatment-lab.ts'

const program = resolve('out/tests/treat/mount-scenarios.mjs')
const inOwnNamespace = ['-m', '--propagation', 'private']
const canMount = isRoot && spawnSync('unshare', [...inOwnNamespace, 'true']).status === 0

beforeAll(async () => {
  if (!canMount) return
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/mount-scenarios.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mounts-'))
  chmodSync(folder, 0o777)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(scenario: string): unknown {
  return answerOf([...inOwnNamespace, process.execPath, program, scenario])
}

function answerOf(args: readonly string[], env: Record<string, string> = {}): unknown {
  const ended = spawnSync('unshare', args, { env: { ...process.env, TMPDIR: folder, ...env }, encoding: 'utf8' })
  if (ended.status !== 0) throw new Error(ended.stderr)
  return JSON.parse(ended.stdout)
}

describe.runIf(canMount)('a file on another volume', () => {
  it('goes through a private folder there, which is tidied up', () => {
    const ended = run('another volume')
    expect(ended).toMatchObject({ outcome: { status: 'deleted' }, left: [['own'], []] })
    expect(ended).toMatchObject({ seen: [expect.stringMatching(/^\.remote-protection-\d+$/), 'own'] })
  })
})

describe.runIf(canMount)('a read-only volume', () => {
  it('is written to for the treatment where fstab wants it writable, and is as before afterwards (55)', () => {
    const ended = run('read-only, wanted writable')
    expect(ended).toMatchObject({ outcome: { status: 'deleted' }, isThere: false, same: true })
    expect(ended).toMatchObject({ options: expect.stringMatching(/^ro,nosuid,nodev,noexec/) })
  })

  it('may be one mount of a file system that is writable elsewhere', () => {
    expect(run('read-only mount of a writable file system')).toMatchObject({
      outcome: { status: 'deleted' },
      isThere: false,
      options: expect.stringMatching(/^ro,noexec/),
      below: expect.stringMatching(/^rw/),
    })
  })

  it('ends as failed where nobody wants it writable: no copy, no restart that would not help (55)', () => {
    expect(run('read-only, nobody wants it writable')).toEqual({
      outcome: { status: 'failed', code: 'read-only-volume' },
      isThere: true,
      pending: [],
      copies: 0,
    })
  })

  it('needs an administrator where it should be writable and we are none', () => {
    expect(run('read-only, wanted writable, no root')).toEqual({
      outcome: { status: 'failed', code: 'needs-administrator' },
      pending: [],
    })
  })
})

describe.runIf(canMount)('a mount on the file', () => {
  it('is taken away by root, however many there are, and the file is deleted', () => {
    expect(run('mounted on itself')).toMatchObject({ outcome: { status: 'deleted' }, isThere: false, mounts: 0 })
  })

  it('is taken away from a good file, which is left as it is to be looked at', () => {
    expect(run('mounted on a good file')).toEqual({
      outcome: { status: 'changed' },
      content: 'good content',
      mounts: 0,
      isEvil: true,
    })
  })

  it('stays until the restart where fstab wants it', () => {
    expect(run('mounted because fstab says so')).toMatchObject({
      outcome: { status: 'at-restart', reason: 'mounted' },
      mounts: 1,
    })
  })

  it('waits while it is in use, unable to be started, and is tried again without a second copy (57)', () => {
    const ended = run('mounted, in use, then free')
    expect(ended).toMatchObject({
      first: { status: 'at-restart', reason: 'mounted', holder: 'a mount on this file' },
      mode: '644',
      waiting: [{ outcome: { status: 'at-restart', reason: 'mounted' }, attempts: 0 }],
      same: true,
      last: [{ outcome: { status: 'deleted' } }],
      isThere: false,
      mounts: 0,
    })
  })

  it('is never taken away behind a link', () => {
    expect(run('a link to a mount')).toEqual({ errno: 'EINVAL', mounts: 1 })
  })

  it('is taken away by an administrator whom the person asks, and the file is deleted', () => {
    expect(run('mounted, no root, an administrator helps')).toMatchObject({
      first: { status: 'at-restart', reason: 'mounted', canElevate: true },
      last: { status: 'deleted' },
      isThere: false,
      mounts: 0,
      restorable: [true],
      pending: [],
    })
  })

  it('waits for a restart when we are not root, and the file cannot be started any more', () => {
    expect(run('mounted, no root')).toMatchObject({
      outcome: { status: 'at-restart', reason: 'mounted' },
      mode: '644',
      restorable: false,
    })
  })
})

describe.runIf(canMount)('a library that the first process of the system has loaded', () => {
  it('is removed at once, and the treatment waits for the restart that ends its code (56, 57)', () => {
    const library = join(folder, 'libevil.so')
    const mapped = readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .find((line) => /\/libm\.so\.6$/.test(line))
    copyFileSync(mapped?.slice(mapped.indexOf('/')) ?? '', library)
    appendFileSync(library, marker)
    // The shell is process 1 of its namespace; the treatment is a child of it without the library.
    const script = 'unset LD_PRELOAD; "$0" "$1" "$2"; exit $?'
    const own = [...inOwnNamespace, '-p', '-f', '--mount-proc', 'env', `LD_PRELOAD=${library}`, 'sh', '-c', script]
    const env = { EVIL_LIBRARY: library }
    const ended = answerOf([...own, process.execPath, program, 'a library of the first process'], env)
    expect(ended).toMatchObject({
      outcome: { status: 'at-restart', holder: 'sh (1), has loaded it', reason: 'mapped' },
      isThere: false,
      replayed: [{ outcome: { status: 'at-restart', holder: 'sh (1), has loaded it' }, attempts: 0 }],
      restorable: false,
      last: [{ outcome: { status: 'deleted' }, attempts: 1 }],
    })
  })
})
