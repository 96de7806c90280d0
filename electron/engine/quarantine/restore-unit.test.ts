// An object that is put back with the autostart entries that were removed because of it: treated and restored for real, on a
// machine in a temp folder.
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { CrontabPort } from '../treat/active/autostart/own-crontab.ts'
import { badPath, createMachine, home, type Machine } from '../treat/active/testing/machine.ts'
import { createLab, infectedContent, type Lab } from '../treat/testing/treatment-lab.ts'
import { createQuarantine, type Quarantine } from './quarantine.ts'
import type { Restored } from './restore.ts'

let machine: Machine
let lab: Lab
let quarantine: Quarantine
let reloads: number
let table: Buffer | undefined
const crontab: CrontabPort = {
  user: 'u',
  read: () => Promise.resolve(table),
  write: (content) => {
    table = content
    return Promise.resolve(true)
  },
}

beforeEach(() => {
  machine = createMachine()
  reloads = 0
  table = undefined
  open()
})
afterEach(() => {
  quarantine.close()
  lab.remove()
  machine.remove()
})

function open(before?: Lab): void {
  const reload = (): Promise<void> => {
    reloads += 1
    return Promise.resolve()
  }
  const autostart = { root: machine.root, homes: [home], crontab, reload }
  const options = { ports: { mayEnd: () => true, autostart } }
  lab = before === undefined ? createLab(options) : before.again(options)
  const { dataDir, vault } = lab
  const rescan = () => Promise.resolve({ findings: [], findingsComplete: true, coverage: { kind: 'full' } as const })
  quarantine = createQuarantine({ dataDir, vault, rescan, autostart, now: () => new Date() })
}

const rc = `${home}/.bashrc`
const unit = `${home}/.config/systemd/user/update.service`
const wants = `${home}/.config/systemd/user/default.target.wants/update.service`
const desktop = `${home}/.config/autostart/update.desktop`
const daily = '/etc/cron.daily/update'
const preload = '/etc/ld.so.preload'

function writeEntries(): void {
  machine.write(badPath, infectedContent())
  machine.write(rc, `# mine\n~/.cache/evil &\nalias ll='ls -l'\n`)
  machine.write(unit, `[Service]\nExecStart=${badPath}\n`)
  machine.link(wants, '../update.service')
  machine.link(daily, badPath)
  machine.write(desktop, `[Desktop Entry]\nExec=${badPath}\n`)
  machine.write(preload, `/lib/mine.so ${badPath}\n`)
  table = Buffer.from(`@reboot $HOME/.cache/evil\n5 4 * * * other\n`)
}

const removed = ['/etc/cron.daily/update', `/etc/ld.so.preload: /lib/mine.so ${badPath}`, '~/.bashrc: ~/.cache/evil &']
removed.push('/var/spool/cron/crontabs/u: @reboot $HOME/.cache/evil', '~/.config/autostart/update.desktop')
removed.push('~/.config/systemd/user/update.service')

/** Treated; the id of the object's copy. */
async function treated(): Promise<QuarantineId> {
  const outcome = await lab.treater.treat(await lab.order(machine.real(badPath)))
  expect(outcome.status).toBe('deleted')
  reloads = 0
  return QuarantineId.parse('quarantineId' in outcome ? outcome.quarantineId : undefined)
}

function undo(id: QuarantineId): Promise<Restored> {
  return quarantine.restore({ id, target: null, makeFolder: false, evenIfDetected: false })
}

describe('what was removed with an object comes back with it', () => {
  it('a line, a unit with its link, a link, a library, a line of the own table of cron', async () => {
    writeEntries()
    const before = { ...machine.all(), table: String(table) }
    const { entries } = await undo(await treated())
    expect({ ...machine.all(), table: String(table) }).toEqual(before)
    expect([...(entries?.restored ?? [])].sort()).toEqual([...removed].sort())
    expect(entries?.left).toEqual([])
    expect(reloads).toBe(1)
  })

  it('into files that were edited since: what was written there stays', async () => {
    writeEntries()
    const id = await treated()
    machine.write(rc, `# mine\nalias ll='ls -lh'\nexport NEW=1\n`)
    machine.write(preload, '/lib/mine.so\n/lib/later.so\n')
    table = Buffer.from('5 4 * * * other\n1 2 3 4 5 later\n')
    const { entries } = await undo(id)
    expect(entries?.left).toEqual([])
    expect(machine.read(rc)).toBe(`# mine\n~/.cache/evil &\nalias ll='ls -lh'\nexport NEW=1\n`)
    expect(machine.read(preload)).toBe(`/lib/mine.so ${badPath}\n/lib/later.so\n`)
    expect(String(table)).toBe('@reboot $HOME/.cache/evil\n5 4 * * * other\n1 2 3 4 5 later\n')
  })

  it('with the rights and the owner that an edited file has by now, and a copy of what it was', async () => {
    writeEntries()
    const id = await treated()
    const edited = `# mine\nalias ll='ls -l'\nmore\n`
    rmSync(machine.real(rc))
    writeFileSync(machine.real(rc), edited, { mode: 0o640 })
    await undo(id)
    expect(statSync(machine.real(rc)).mode & 0o777).toBe(0o640)
    const copies = lab.vault.list().filter(({ originalPath }) => originalPath.text === machine.real(rc))
    const contents = await Promise.all(copies.map(async (copy) => (await lab.copyOf(copy.id)).toString()))
    expect(contents).toContain(edited)
  })

  it('where a place does not allow it nothing is overwritten, and it is told', async () => {
    writeEntries()
    const id = await treated()
    machine.write(rc, 'written anew\n')
    machine.write(desktop, '[Desktop Entry]\nExec=mine\n')
    machine.link(daily, '/opt/mine')
    rmSync(machine.real(preload))
    table = undefined
    const before = machine.all()
    const { entries } = await undo(id)
    const { [badPath]: _object, [unit]: _unit, [wants]: _wants, ...others } = machine.all()
    expect(others).toEqual(before)
    expect(entries?.restored).toEqual(['~/.config/systemd/user/update.service'])
    expect(Object.fromEntries(entries?.left.map(({ entry, code }) => [entry, code]) ?? [])).toEqual({
      '/etc/cron.daily/update': 'target-exists',
      [`/etc/ld.so.preload: /lib/mine.so ${badPath}`]: 'not-found',
      '/var/spool/cron/crontabs/u: @reboot $HOME/.cache/evil': 'not-found',
      '~/.bashrc: ~/.cache/evil &': 'target-exists',
      '~/.config/autostart/update.desktop': 'target-exists',
    })
  })

  it('not through a link that somebody put in the place of a file', async () => {
    writeEntries()
    const id = await treated()
    const victim = machine.real('/home/u/victim')
    writeFileSync(victim, `# mine\nalias ll='ls -l'\n`)
    rmSync(machine.real(rc))
    symlinkSync(victim, machine.real(rc))
    const { entries } = await undo(id)
    expect(entries?.left).toContainEqual({ entry: '~/.bashrc: ~/.cache/evil &', code: 'target-exists' })
    expect(readFileSync(victim, 'utf8')).not.toContain('evil')
  })

  it('what is back already stays as it is, and nothing comes twice', async () => {
    writeEntries()
    const id = await treated()
    const before = `# mine\n~/.cache/evil &\nalias ll='ls -l'\nmore\n`
    machine.write(rc, before)
    const { entries } = await undo(id)
    expect(machine.read(rc)).toBe(before)
    expect(entries?.left).toEqual([])
  })

  it('not when the object goes to another place, or does not come back', async () => {
    writeEntries()
    const id = await treated()
    const left = { ...machine.all(), table: String(table) }
    const target = { text: join(lab.files, 'elsewhere') }
    const elsewhere = await quarantine.restore({ id, target, makeFolder: false, evenIfDetected: false })
    expect(elsewhere).not.toHaveProperty('entries')
    machine.write(badPath, 'something else')
    await expect(undo(id)).rejects.toMatchObject({ code: 'target-exists' })
    expect({ ...machine.all(), table: String(table) }).toEqual({ ...left, [badPath]: 'something else' })
  })

  it('each of them alone too, where a person restores its copy', async () => {
    writeEntries()
    const { [badPath]: _object, ...before } = machine.all()
    await treated()
    for (const { id, copyOf } of lab.vault.list()) if (copyOf === 'entry') await undo(id)
    expect(machine.all()).toEqual(before)
    expect(String(table)).toContain('@reboot')
    expect(reloads).toBe(1)
  })
})

describe('after a crash', () => {
  /** What a killed restore leaves in the journal: the object may be back, its entries are not. */
  function begun(id: QuarantineId): void {
    const entries = lab.vault.entriesOf(id)
    const line = { version: 1, at: new Date().toISOString(), kind: 'unit', id, entries }
    writeFileSync(join(lab.dataDir, 'restores.jsonl'), `${JSON.stringify(line)}\n`)
    quarantine.close()
    open(lab)
  }

  it('the entries follow an object that is back, once', async () => {
    writeEntries()
    const before = { ...machine.all(), table: String(table) }
    const content = readFileSync(machine.real(badPath))
    const id = await treated()
    writeFileSync(machine.real(badPath), content)
    begun(id)
    await quarantine.recover()
    expect({ ...machine.all(), table: String(table) }).toEqual(before)
    machine.write(rc, 'edited\n')
    await quarantine.recover()
    expect(machine.read(rc)).toBe('edited\n')
  })

  it('nothing follows an object that is not', async () => {
    writeEntries()
    const id = await treated()
    const left = machine.all()
    begun(id)
    await quarantine.recover()
    expect(machine.all()).toEqual(left)
    expect(readFileSync(join(lab.dataDir, 'restores.jsonl'), 'utf8')).not.toContain('"unit"')
  })
})
