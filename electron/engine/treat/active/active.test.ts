import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { inodeFlags, linuxCalls } from '../../files/linux-calls.ts'
import { createQuarantine } from '../../quarantine/quarantine.ts'
import type { TreatPorts } from '../context.ts'
import { startTimeOf } from '../processes.ts'
import { canFlag, flagsOf, setFlags } from '../testing/inode-flags.ts'
import { createLab, infectedContent, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { badPath, createMachine, home, type Machine } from './testing/machine.ts'
import { childrenOf, endAll, isStopped, run, until } from './testing/run.ts'

let machine: Machine
const labs: Lab[] = []
beforeEach(() => {
  machine = createMachine()
})
afterEach(() => {
  endAll()
  for (const lab of labs.splice(0)) lab.remove()
  machine.remove()
})

let reloads = 0
function options(ports: Partial<TreatPorts> = {}, more: LabOptions = {}): LabOptions {
  reloads = 0
  const reload = (): Promise<void> => {
    reloads += 1
    return Promise.resolve()
  }
  return { ...more, ports: { mayEnd: () => true, autostart: { root: machine.root, homes: [home], reload }, ...ports } }
}

function createdLab(ports: Partial<TreatPorts> = {}, more: LabOptions = {}): Lab {
  const lab = createLab(options(ports, more))
  labs.push(lab)
  return lab
}

/** The bad file as a script that keeps an interpreter and a child of it running. */
function writeScript(): string {
  machine.write(badPath, `#!/bin/sh\n# ${infectedContent(20).toString('hex')}\nwhile :; do sleep 61; done\n`)
  chmodSync(machine.real(badPath), 0o755)
  return machine.real(badPath)
}

function opened<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}

const rc = `${home}/.bashrc`
const unit = `${home}/.config/systemd/user/update.service`
const wants = `${home}/.config/systemd/user/default.target.wants/update.service`
const desktop = `${home}/.config/autostart/update.desktop`
const crontab = '/etc/crontab'

function writeEntries(): void {
  machine.write(rc, `# mine\n~/.cache/evil &\nalias ll='ls -l'`)
  machine.write(unit, `[Service]\nExecStart=${badPath}\n`)
  machine.link(wants, '../update.service')
  machine.write(desktop, `[Desktop Entry]\nExec=${badPath}\n`)
  machine.write(crontab, `@reboot root ${badPath}\r\n17 * * * * root run-parts /etc/cron.hourly\r\n`)
}

const removed = ['/etc/crontab: @reboot root /home/u/.cache/evil', '~/.bashrc: ~/.cache/evil &']
removed.push('~/.config/autostart/update.desktop', '~/.config/systemd/user/default.target.wants/update.service')
removed.push('~/.config/systemd/user/update.service')

function actsOf(outcome: TreatmentOutcome) {
  const acts = 'acts' in outcome ? outcome.acts : undefined
  return acts === undefined ? undefined : { ...acts, autostartRemoved: [...acts.autostartRemoved].sort() }
}

describe('entries that start a detected file', () => {
  it('go with it, others stay byte for byte, and every changed file has a copy in Quarantine (59)', async () => {
    writeEntries()
    const before = machine.all()
    const lab = createdLab()
    const order = await lab.order(machine.real(badPath))
    const outcome = await lab.treater.treat(order)
    expect(outcome.status).toBe('deleted')
    expect(actsOf(outcome)).toEqual({ ended: [], autostartRemoved: removed })
    expect(machine.all()).toEqual({
      '/etc/crontab': '17 * * * * root run-parts /etc/cron.hourly\r\n',
      '/etc/passwd': before['/etc/passwd'],
      [rc]: "# mine\nalias ll='ls -l'",
    })
    const items = lab.vault.list()
    expect(items.every(({ detectionId }) => detectionId === order.detectionId)).toBe(true)
    expect(items.map(({ originalPath }) => originalPath.text).sort()).toEqual(
      [badPath, crontab, desktop, rc, unit].map(machine.real).sort(),
    )
    for (const { id, originalPath } of items) {
      const path = originalPath.text.slice(machine.root.length)
      expect((await lab.copyOf(id)).toString('latin1')).toBe(before[path])
    }
    expect(reloads).toBe(1)
  })

  it('leave a file that keeps its rights, owner and attributes', async () => {
    writeEntries()
    chmodSync(machine.real(rc), 0o640)
    const note = { name: 'user.note', value: Buffer.from('mine') }
    opened(machine.real(rc), (fd) => linuxCalls()?.setAttribute(fd, note))
    const { uid, gid } = statSync(machine.real(rc))
    const lab = createdLab()
    await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(statSync(machine.real(rc))).toMatchObject({ uid, gid })
    expect(statSync(machine.real(rc)).mode & 0o7777).toBe(0o640)
    expect(opened(machine.real(rc), (fd) => linuxCalls()?.attributes(fd))).toEqual([note])
  })

  it('stay when only a member of an archive is bad, and when a copy is all that was asked for', async () => {
    writeEntries()
    const before = machine.all()
    const lab = createdLab()
    const file = machine.real(badPath)
    await lab.treater.treat(await lab.order(file, { verb: 'copy-to-quarantine' }))
    expect(machine.all()).toEqual(before)
    const inArchive = await lab.order(file, { members: [['member']], verb: 'delete' })
    expect(await lab.treater.treat(inArchive)).toMatchObject({ status: 'deleted' })
    const { [badPath]: _gone, ...others } = before
    expect(machine.all()).toEqual(others)
  })

  it('of a package stay, and are named', async () => {
    machine.write('/etc/init.d/evil', `#!/bin/sh\nDAEMON=${badPath}\n`)
    machine.write('/etc/cron.d/evil', `1 2 3 4 5 root ${badPath}\n`)
    const md5 = execFileSync('md5sum', [machine.real('/etc/cron.d/evil')], { encoding: 'utf8' }).slice(0, 32)
    machine.write('/var/lib/dpkg/status', `Package: evil\nConffiles:\n /etc/cron.d/evil ${md5}\nDescription: x\n`)
    const lab = createdLab({
      guard: { check: ({ path }) => Promise.resolve(path.includes('init.d') ? 'package-file' : undefined) },
    })
    const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(actsOf(outcome)).toEqual({
      ended: [],
      autostartRemoved: [],
      autostartLeft: [`/etc/cron.d/evil`, '/etc/init.d/evil'],
    })
    expect(lab.vault.list()).toHaveLength(1)
  })

  it('that cannot be copied stay, and are named; the file itself is treated', async () => {
    machine.write(rc, `${'#'.repeat(100_000)}\n~/.cache/evil\n`)
    const lab = createdLab({}, { vault: { limits: { totalBytes: 20_000 } } })
    const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(outcome).toMatchObject({ status: 'deleted', acts: { autostartLeft: ['~/.bashrc: ~/.cache/evil'] } })
    expect(machine.read(rc)).toContain('~/.cache/evil')
  })

  it('are put back when the file turns out to be another one, to the very inode', async () => {
    writeEntries()
    const before = machine.all()
    const inodes = [rc, unit, desktop, crontab].map((path) => statSync(machine.real(path)).ino)
    const onStep = (step: string): void => {
      if (step === 'grab-planned') writeFileSync(machine.real(badPath), 'another content')
    }
    const lab = createdLab({ onStep })
    const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(outcome).toEqual({ status: 'changed' })
    expect(machine.all()).toEqual({ ...before, [badPath]: 'another content' })
    expect([rc, unit, desktop, crontab].map((path) => statSync(machine.real(path)).ino)).toEqual(inodes)
    expect(lab.vault.list()).toEqual([])
  })

  it('come back from Quarantine: a line into the file that only we changed, a unit with its link', async () => {
    writeEntries()
    const before = machine.all()
    const lab = createdLab()
    await lab.treater.treat(await lab.order(machine.real(badPath)))
    const nothingFound = { findings: [], findingsComplete: true, coverage: { kind: 'full' } } as const
    const { dataDir, vault } = lab
    const quarantine = createQuarantine({
      dataDir,
      vault,
      rescan: () => Promise.resolve(nothingFound),
      now: () => new Date(),
    })
    try {
      for (const { id, copyOf, originalPath } of vault.list()) {
        if (copyOf !== 'entry') continue
        const restored = await quarantine.restore({ id, target: null, makeFolder: true, evenIfDetected: false })
        expect(restored.path).toEqual(originalPath)
      }
    } finally {
      quarantine.close()
    }
    const { [badPath]: _still, ...others } = before
    expect(machine.all()).toEqual(others)
  })

  it.skipIf(!canFlag())(
    'go also when their file forbids every change, and stay forbidding when the file stays',
    async () => {
      const flagged = [rc, desktop]
      try {
        writeEntries()
        const before = machine.all()
        for (const path of flagged) setFlags(machine.real(path), inodeFlags.immutable)
        const lab = createdLab({
          onStep: (step) => {
            if (step === 'grab-planned') writeFileSync(machine.real(badPath), 'another content')
          },
        })
        expect(await lab.treater.treat(await lab.order(machine.real(badPath)))).toEqual({ status: 'changed' })
        expect(machine.all()).toEqual({ ...before, [badPath]: 'another content' })
        expect(flagged.map((path) => flagsOf(machine.real(path)))).toEqual([inodeFlags.immutable, inodeFlags.immutable])
        const again = createdLab()
        const outcome = await again.treater.treat(await again.order(machine.real(badPath)))
        expect(actsOf(outcome)?.autostartRemoved).toEqual(removed)
        expect(flagsOf(machine.real(rc))).toBe(0)
      } finally {
        for (const path of flagged) if (existsSync(machine.real(path))) setFlags(machine.real(path), 0)
      }
    },
  )

  it('that somebody edits at the same time keep the edit', async () => {
    writeEntries()
    let planned = 0
    const onStep = (step: string): void => {
      if (step !== 'entry-stored') return
      planned += 1
      if (planned === 1) for (const path of [rc, crontab]) writeFileSync(machine.real(path), `edited\n~/.cache/evil\n`)
    }
    const lab = createdLab({ onStep })
    const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(outcome.status).toBe('deleted')
    expect(machine.read(rc)).toBe('edited\n')
    expect(machine.read(crontab)).toContain('edited')
  })

  it('that appear while the file is treated are found in a second look', async () => {
    writeEntries()
    const onStep = (step: string): void => {
      if (step === 'verified') machine.write(`${home}/.profile`, `ls\n${badPath}\n`)
    }
    const lab = createdLab({ onStep })
    const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
    expect(machine.read(`${home}/.profile`)).toBe('ls\n')
    expect(actsOf(outcome)?.autostartRemoved).toContain(`~/.profile: ${badPath}`)
  })

  it('that are links are not followed to what they show', async () => {
    const victim = `${machine.root}-victim`
    mkdirSync(victim)
    try {
      writeFileSync(`${victim}/rc`, `${badPath}\n`)
      mkdirSync(dirname(machine.real(rc)), { recursive: true })
      symlinkSync(`${victim}/rc`, machine.real(rc))
      symlinkSync(victim, machine.real(`${home}/.config`))
      const lab = createdLab()
      expect(await lab.treater.treat(await lab.order(machine.real(badPath)))).not.toHaveProperty('acts')
      expect(readFileSync(`${victim}/rc`, 'utf8')).toBe(`${badPath}\n`)
    } finally {
      execFileSync('rm', ['-r', victim])
    }
  })
})

describe('processes of a detected file', () => {
  it('end with it: the interpreter that runs it and what it started, and no other interpreter (60)', async () => {
    const file = writeScript()
    machine.write('/home/u/good.sh', 'while :; do sleep 61; done\n')
    const pid = await run('/bin/sh', [file])
    const [child = 0] = await childrenOf(pid)
    const good = await run('/bin/sh', [machine.real('/home/u/good.sh'), file])
    const lab = createdLab()
    const outcome = await lab.treater.treat(await lab.order(file))
    expect(outcome).toMatchObject({ status: 'deleted', acts: { ended: [`sh (${pid})`, `sleep (${child})`] } })
    expect([pid, child].map(startTimeOf)).toEqual([undefined, undefined])
    expect(isStopped(good)).toBe(false)
  })

  it('are stopped before the file is touched, and go on when its copy cannot be made', async () => {
    const file = writeScript()
    writeEntries()
    const before = machine.all()
    const pid = await run('/bin/sh', [file])
    const [child = 0] = await childrenOf(pid)
    const seen: boolean[] = []
    const onStep = (step: string): void => {
      if (step === 'storing') seen.push(isStopped(pid), isStopped(child))
    }
    const lab = createdLab({ onStep }, { vault: { limits: { totalBytes: 10 } } })
    expect(await lab.treater.treat(await lab.order(file))).toMatchObject({ status: 'backup-failed' })
    expect(seen).toEqual([true, true])
    await until(() => !isStopped(pid) && !isStopped(child))
    expect([pid, child].map((one) => startTimeOf(one) === undefined)).toEqual([false, false])
    expect(machine.all()).toEqual(before)
  })

  it('are not touched when the file is protected', async () => {
    const file = writeScript()
    const pid = await run('/bin/sh', [file])
    let stops = 0
    const onStep = (step: string): void => {
      if (step.startsWith('stop')) stops += 1
    }
    const lab = createdLab({ onStep, guard: { check: () => Promise.resolve('own-data') } })
    expect(await lab.treater.treat(await lab.order(file))).toMatchObject({ status: 'protected' })
    expect(stops).toBe(0)
    expect(isStopped(pid)).toBe(false)
  })

  it('that start when it was moved away already are ended in the second look', async () => {
    const file = machine.real(badPath)
    copyFileSync('/bin/dash', file)
    appendFileSync(file, infectedContent(20))
    await run(file, ['-c', 'sleep 61; true'])
    let late = 0
    const onStep = async (step: string): Promise<void> => {
      if (step !== 'holders') return
      const grabbed = readdirSync(join(lab.dataDir, 'grab'))
      late = await run(join(lab.dataDir, 'grab', grabbed[0] ?? ''), ['-c', 'sleep 62; true'])
      await childrenOf(late)
    }
    const lab = createdLab({ onStep })
    const outcome = await lab.treater.treat(await lab.order(file))
    expect(outcome.status).toBe('deleted')
    expect(startTimeOf(late)).toBeUndefined()
    expect(actsOf(outcome)?.ended.filter((text) => text.includes(`(${late})`))).toHaveLength(1)
  })

  it('that may not be ended keep running, and keep the treatment waiting for a restart', async () => {
    const file = writeScript()
    writeEntries()
    const pid = await run('/bin/sh', [file])
    const lab = createdLab({ mayEnd: () => false })
    const outcome = await lab.treater.treat(await lab.order(file))
    expect(outcome).toMatchObject({ status: 'at-restart', acts: { ended: [] } })
    expect(actsOf(outcome)?.autostartRemoved).toEqual(removed)
    expect(isStopped(pid)).toBe(false)
    expect(existsSync(file)).toBe(false)
  })
})
