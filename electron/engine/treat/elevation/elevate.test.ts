// An object that only an administrator may change, from an ordinary user's app to the helper and back: the app's part runs as an
// ordinary user, the helper as root in a process of its own; only polkit's question is answered by the test.
import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inodeFlags } from '../../files/linux-calls.ts'
import { badPath, createMachine, home } from '../active/testing/machine.ts'
import { startTimeOf } from '../processes.ts'
import { canFlag, setFlags } from '../testing/inode-flags.ts'
import { asOrdinaryUser, isRoot } from '../testing/ordinary-user.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions, marker } from '../testing/treatment-lab.ts'
import { makeZip } from '../testing/zip-fixture.ts'
import { type Elevation, startHelper } from './pkexec.ts'
import { buildHelper } from './testing/helper-lab.ts'

let program = ''
beforeAll(async () => {
  program = await buildHelper('helper-for-elevation')
})

let root = ''
const labs: Lab[] = []
const children: ChildProcess[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'elevated-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const lab of labs.splice(0)) {
    for (const name of ['', 'folder']) if (exists(join(lab.files, name))) chmodSync(join(lab.files, name), 0o755)
    lab.remove()
  }
  rmSync(root, { recursive: true, force: true })
})

function lab(options: LabOptions = {}): Lab {
  const made = createLab(options)
  labs.push(made)
  return made
}

function again(made: Lab, options: LabOptions): Lab {
  const next = made.again(options)
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

/** The person says yes. */
const granted: Elevation['run'] = (request, asked) => {
  const start = 'TREAT_HELPER_PATH="$4" exec "$0" "$1" "$2" "$3"'
  const command = ['/bin/sh', '-c', start, process.execPath, program, join(root, 'base'), join(root, 'installation')]
  return asRoot(() => startHelper(command, { request, asked, env: {} }))
}
const declined: Elevation['run'] = (request, asked) =>
  asRoot(() => startHelper(['/bin/sh', '-c', 'exit 126'], { request, asked, env: {} }))
const offered = (run: Elevation['run']): Elevation => ({ isOffered: () => true, run })

/** A file in a folder that its own user may not write to. */
function inClosedFolder(made: Lab, content: Buffer = infectedContent()): string {
  mkdirSync(join(made.files, 'folder'))
  const file = made.write('folder/evil', content)
  chmodSync(join(made.files, 'folder'), 0o555)
  return file
}

const offer = { status: 'failed', code: 'needs-administrator', canElevate: true }

describe.runIf(isRoot)('an object that only an administrator may change', () => {
  it('is offered to be treated as one, and deleted then, with a copy in the Quarantine of the person', () =>
    asOrdinaryUser(async () => {
      const made = lab({ ports: { elevation: offered(granted) } })
      const content = infectedContent()
      const file = inClosedFolder(made, content)
      const order = await made.order(file)
      expect(await made.treater.treat(order)).toEqual(offer)
      expect(made.vault.list()).toEqual([])
      const outcome = await made.treater.elevate(order)
      expect(outcome).toMatchObject({ status: 'deleted', otherLinks: 0 })
      expect(exists(file)).toBe(false)
      expect((await made.copyOf(made.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
      expect(await made.treater.treat(order)).toEqual(outcome)
      expect(await made.treater.elevate(order)).toEqual(outcome)
      expect(made.vault.list()).toHaveLength(1)
    }))

  it('is not offered where nobody can be asked', () =>
    asOrdinaryUser(async () => {
      const made = lab({ ports: { elevation: { isOffered: () => false, run: granted } } })
      expect(await made.treater.treat(await made.order(inClosedFolder(made)))).toEqual({
        status: 'failed',
        code: 'needs-administrator',
      })
    }))

  it('stays as it is when the person says no, and is offered again', () =>
    asOrdinaryUser(async () => {
      const made = lab({ ports: { elevation: offered(declined) } })
      const content = infectedContent()
      const file = inClosedFolder(made, content)
      expect(await made.treater.elevate(await made.order(file))).toEqual(offer)
      expect(readFileSync(file).equals(content)).toBe(true)
      expect(made.vault.list()).toEqual([])
    }))

  it('does not hold up others while the person is asked, and is treated once', () =>
    asOrdinaryUser(async () => {
      let answer: () => void = () => undefined
      const asked = new Promise<void>((resolve) => {
        answer = resolve
      })
      let times = 0
      const slow: Elevation['run'] = async (request, given) => {
        times += 1
        await asked
        return granted(request, given)
      }
      const made = lab({ ports: { elevation: offered(slow) } })
      const order = await made.order(inClosedFolder(made))
      const waiting = [made.treater.elevate(order), made.treater.elevate(order)]
      while (times === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      waiting.push(made.treater.treat(order))
      const other = await made.order(made.write('other', infectedContent()))
      expect(await made.treater.treat(other)).toMatchObject({ status: 'deleted' })
      answer()
      const outcomes = await Promise.all(waiting)
      expect(outcomes.map(({ status }) => status)).toEqual(['deleted', 'deleted', 'deleted'])
      expect(times).toBe(1)
    }))

  it('is known to be deleted after a crash that came when the helper had done it; its copy is there', () =>
    asOrdinaryUser(async () => {
      const crash: Elevation['run'] = async (request, asked) => {
        await (await granted(request, asked)).release()
        throw new Error('power failure')
      }
      const made = lab({ ports: { elevation: offered(crash) } })
      const content = infectedContent()
      const order = await made.order(inClosedFolder(made, content))
      await expect(made.treater.elevate(order)).rejects.toThrow('power failure')
      const next = again(made, {})
      expect(await next.treater.recover()).toMatchObject([{ outcome: { status: 'deleted' } }])
      expect((await next.copyOf(next.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
    }))

  it.each(['intent', 'storing', 'stored', 'elevating'] as const)(
    'is untouched after a crash at the step %s, without a copy left over',
    (step) =>
      asOrdinaryUser(async () => {
        const onStep = (name: string): void => {
          if (name === step) throw new Error('power failure')
        }
        const made = lab({ ports: { elevation: offered(granted), onStep } })
        const file = inClosedFolder(made)
        const order = await made.order(file)
        await expect(made.treater.elevate(order)).rejects.toThrow(step)
        const next = again(made, {})
        expect(await next.treater.recover()).toMatchObject([{ outcome: { code: 'needs-administrator' } }])
        expect(exists(file)).toBe(true)
        expect(next.vault.list()).toEqual([])
      }),
  )

  it('goes together with what starts it by itself in the home of the person', () =>
    asOrdinaryUser(async () => {
      const machine = createMachine()
      try {
        const made = lab({
          ports: {
            elevation: offered(granted),
            autostart: { root: machine.root, homes: [home], reload: () => Promise.resolve() },
          },
        })
        machine.write(badPath, infectedContent())
        machine.write(`${home}/.config/autostart/evil.desktop`, `[Desktop Entry]\nExec=${badPath}\n`)
        const file = machine.real(badPath)
        const order = await made.order(file)
        chmodSync(dirname(file), 0o555)
        expect(await made.treater.elevate(order)).toMatchObject({
          status: 'deleted',
          acts: { autostartRemoved: ['~/.config/autostart/evil.desktop'] },
        })
        expect(exists(machine.real(`${home}/.config/autostart/evil.desktop`))).toBe(false)
        // The object, and the entry.
        expect(made.vault.list()).toHaveLength(2)
        chmodSync(dirname(file), 0o755)
      } finally {
        machine.remove()
      }
    }))

  it('is left alone when it has changed meanwhile, and told to be so', () =>
    asOrdinaryUser(async () => {
      let file = ''
      const changing: Elevation['run'] = (request, asked) => {
        asRoot(() => appendFileSync(file, 'more'))
        return granted(request, asked)
      }
      const made = lab({ ports: { elevation: offered(changing) } })
      file = inClosedFolder(made)
      expect(await made.treater.elevate(await made.order(file))).toEqual({ status: 'changed' })
      expect(exists(file)).toBe(true)
      expect(made.vault.list()).toEqual([])
    }))

  it('is ended where another user runs it, which the person could not do', async () => {
    const made = await asOrdinaryUser(() => lab({ ports: { elevation: offered(granted) } }))
    const file = join(made.files, 'folder', 'evil')
    await asOrdinaryUser(() => {
      mkdirSync(join(made.files, 'folder'))
      copyFileSync('/bin/sleep', file)
      appendFileSync(file, marker)
      chmodSync(file, 0o755)
      chmodSync(join(made.files, 'folder'), 0o555)
    })
    const child = spawn(file, ['60'], { stdio: 'ignore' })
    children.push(child)
    const pid = child.pid ?? 0
    while (statSync(`/proc/${pid}/exe`).ino !== statSync(file).ino)
      await new Promise((resolve) => setTimeout(resolve, 5))
    await asOrdinaryUser(async () => {
      expect(await made.treater.elevate(await made.order(file))).toMatchObject({
        status: 'deleted',
        acts: { ended: [`evil (${pid})`], autostartRemoved: [] },
      })
    })
    expect(startTimeOf(pid)).toBeUndefined()
  })

  it.runIf(canFlag())(
    'is cured, not deleted, when an administrator takes the flag away that kept it from being cured',
    () =>
      asOrdinaryUser(async () => {
        const made = lab({ ports: { elevation: offered(granted) } })
        const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
        const bad = { name: 'evil', content: infectedContent(), stored: true }
        const file = made.write('archive.zip', makeZip([good, bad]).bytes)
        const container = { format: 'zip', leaves: 2 }
        const order = await made.order(file, { verb: 'disinfect', members: [['evil']], container })
        asRoot(() => setFlags(file, inodeFlags.immutable))
        expect(await made.treater.treat(order)).toEqual(offer)
        // Whoever continues asks for what was wanted before.
        expect(await made.treater.elevate({ ...order, verb: 'disinfect-or-delete' })).toMatchObject({
          status: 'disinfected',
        })
        expect(readFileSync(file).includes('evil')).toBe(false)
        expect(readFileSync(file).includes('good.txt')).toBe(true)
        expect(made.vault.list()).toHaveLength(1)
      }),
  )

  it('is not deleted where it could be cured if only the folder were ours', () =>
    asOrdinaryUser(async () => {
      const made = lab({ ports: { elevation: offered(granted) } })
      const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
      const bad = { name: 'evil', content: infectedContent(), stored: true }
      const file = inClosedFolder(made, makeZip([good, bad]).bytes)
      const container = { format: 'zip', leaves: 2 }
      const order = await made.order(file, { verb: 'disinfect', members: [['evil']], container })
      const needed = { status: 'failed', code: 'needs-administrator' }
      expect(await made.treater.treat(order)).toEqual(needed)
      expect(await made.treater.elevate(order)).toEqual(needed)
      expect(exists(file)).toBe(true)
    }))
})
