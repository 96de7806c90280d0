// An administrator's act whose answer is lost, late or wrong, or whose helper outlives the app: the file itself says what became of it,
// and its copy goes only when the file is surely there.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inodeFlags } from '../../files/linux-calls.ts'
import { startTimeOf } from '../processes.ts'
import { canFlag, flagsOf, setFlags } from '../testing/inode-flags.ts'
import { asOrdinaryUser, isRoot } from '../testing/ordinary-user.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { makeZip } from '../testing/zip-fixture.ts'
import { type Elevation, startHelper } from './pkexec.ts'
import { onlyAnswer } from './request.ts'
import { buildHelper } from './testing/helper-lab.ts'

let program = ''
beforeAll(async () => {
  program = await buildHelper('helper-lost')
})

let root = ''
const labs: Lab[] = []
const children: ChildProcess[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lost-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const lab of labs.splice(0)) {
    for (const name of ['', 'folder']) if (exists(join(lab.files, name))) chmodSync(join(lab.files, name), 0o755)
    lab.remove()
  }
  rmSync(root, { recursive: true, force: true })
})

function made(run: Elevation['run'], options: LabOptions = {}): Lab {
  const lab = createLab({ ...options, ports: { elevation: { isOffered: () => true, run }, ...options.ports } })
  labs.push(lab)
  return lab
}

function again(lab: Lab): Lab {
  const next = lab.again({ ports: { elevation: { isOffered: () => true, run: refusing } } })
  labs.push(next)
  return next
}

/** As root, whoever we are at the moment. */
function asRoot<T>(act: () => T): T {
  const user = process.geteuid?.() ?? 0
  process.seteuid?.(0)
  try {
    return act()
  } finally {
    process.seteuid?.(user)
  }
}

const lost = onlyAnswer({ kind: 'refused', code: 'io-error' })
const refusing: Elevation['run'] = () => Promise.resolve(onlyAnswer({ kind: 'refused', code: 'needs-administrator' }))
const unfinished = { status: 'failed', code: 'unfinished' }

/** A file in a folder that its own user may not write to. */
function inClosedFolder(lab: Lab, content: Buffer): string {
  mkdirSync(join(lab.files, 'folder'))
  const file = lab.write('folder/evil', content)
  chmodSync(join(lab.files, 'folder'), 0o555)
  return file
}

async function expectCopy(lab: Lab, content: Buffer): Promise<void> {
  expect((await lab.copyOf(lab.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
}

/** A process of another user that stands for the helper. */
function helperAtWork(): { readonly pid: number; readonly startTime: string | undefined; over(): Promise<void> } {
  const child = asRoot(() => spawn('sleep', ['60'], { stdio: 'ignore' }))
  children.push(child)
  const pid = child.pid ?? 0
  const over = async (): Promise<void> => {
    const closed = new Promise((done) => child.once('close', done))
    asRoot(() => child.kill('SIGKILL'))
    await closed
  }
  return { pid, startTime: startTimeOf(pid), over }
}

describe.runIf(isRoot)('an object that an administrator was asked to delete', () => {
  it('keeps its copy when it was deleted and the answer was lost', () =>
    asOrdinaryUser(async () => {
      let file = ''
      const lab = made((_request, asked) => {
        asked(helperAtWork())
        asRoot(() => rmSync(file))
        return Promise.resolve(lost)
      })
      const content = infectedContent()
      file = inClosedFolder(lab, content)
      const order = await lab.order(file)
      expect(await lab.treater.elevate(order)).toMatchObject({ status: 'deleted', otherLinks: 0 })
      await expectCopy(lab, content)
      expect(await lab.treater.treat(order)).toMatchObject({ status: 'deleted' })
    }))

  it('stays open with its copy while nobody can look, and is settled as soon as somebody can', () =>
    asOrdinaryUser(async () => {
      const lab = made(() => {
        asRoot(() => chmodSync(join(lab.files, 'folder'), 0))
        return Promise.resolve(lost)
      })
      const content = infectedContent()
      const file = inClosedFolder(lab, content)
      const order = await lab.order(file)
      expect(await lab.treater.elevate(order)).toEqual(unfinished)
      await expectCopy(lab, content)
      expect(await lab.treater.replayPending()).toMatchObject([{ outcome: unfinished }])
      asRoot(() => chmodSync(join(lab.files, 'folder'), 0o555))
      expect(await lab.treater.replayPending()).toMatchObject([{ outcome: { code: 'needs-administrator' } }])
      expect(readFileSync(file).equals(content)).toBe(true)
      expect(lab.vault.list()).toEqual([])
    }))

  it.each([
    ['deleted it', true],
    ['was cut off before', false],
  ])('is not settled while the helper that outlived the app is at work; then it %s', (_what, deletes) =>
    asOrdinaryUser(async () => {
      const helper = helperAtWork()
      const lab = made((_request, asked) => {
        asked(helper)
        return Promise.reject(new Error('the engine ends here'))
      })
      const content = infectedContent()
      const file = inClosedFolder(lab, content)
      const order = await lab.order(file)
      await expect(lab.treater.elevate(order)).rejects.toThrow('the engine ends here')
      const next = again(lab)
      expect(await next.treater.recover()).toMatchObject([{ outcome: unfinished }])
      await expectCopy(next, content)
      if (deletes) asRoot(() => rmSync(file))
      await helper.over()
      const [result] = await next.treater.replayPending()
      expect(result?.outcome).toMatchObject(
        deletes ? { status: 'deleted' } : { status: 'failed', code: 'needs-administrator' },
      )
      expect(next.vault.list()).toHaveLength(deletes ? 1 : 0)
      expect(exists(file)).toBe(!deletes)
    }),
  )

  it('is as before when the app ended before the helper was given anything, whatever a person answers then', () =>
    asOrdinaryUser(async () => {
      const lab = made(() => Promise.reject(new Error('the engine ends here')))
      const content = infectedContent()
      const file = inClosedFolder(lab, content)
      await expect(lab.treater.elevate(await lab.order(file))).rejects.toThrow('the engine ends here')
      const next = again(lab)
      expect(await next.treater.recover()).toMatchObject([{ outcome: { code: 'needs-administrator' } }])
      expect(next.vault.list()).toEqual([])
      expect(readFileSync(file).equals(content)).toBe(true)
    }))
})

describe.runIf(isRoot && canFlag())('a file that its owner made immutable', () => {
  it('is immutable again when an administrator let it be cured and the cure failed', () =>
    asOrdinaryUser(async () => {
      const start = 'TREAT_HELPER_PATH="$4" exec "$0" "$1" "$2" "$3"'
      const command = [
        '/bin/sh',
        '-c',
        start,
        process.execPath,
        program,
        join(root, 'base'),
        join(root, 'installation'),
      ]
      const run: Elevation['run'] = (request, asked) => asRoot(() => startHelper(command, { request, asked, env: {} }))
      // Nothing can be said about the cured file.
      const lab = made(run, { rescan: () => Promise.resolve(null) })
      const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
      const bad = { name: 'evil', content: infectedContent(), stored: true }
      const content = makeZip([good, bad]).bytes
      const file = lab.write('archive.zip', content)
      const container = { format: 'zip', leaves: 2 }
      const order = await lab.order(file, { verb: 'disinfect', members: [['evil']], container })
      asRoot(() => setFlags(file, inodeFlags.immutable))
      try {
        expect(await lab.treater.elevate(order)).toMatchObject({ status: 'kept' })
        expect(readFileSync(file).equals(content)).toBe(true)
        expect(asRoot(() => flagsOf(file))).toBe(inodeFlags.immutable)
      } finally {
        asRoot(() => setFlags(file, 0))
      }
    }))
})
