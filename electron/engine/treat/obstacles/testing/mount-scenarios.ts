// A program: treats files with real mounts in their way, or held by the first process, and prints what came of it as JSON. It runs
// in namespaces of its own (`unshare`), so that nothing of it is seen outside. Started by mounts.test.ts; never used by the product.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errnoOf } from '../../../files/fs-errors.ts'
import { answerHelperRequest } from '../../elevation/helper.ts'
import type { Elevation } from '../../elevation/pkexec.ts'
import { systemCalls } from '../../testing/inode-flags.ts'
import { asOrdinaryUser } from '../../testing/ordinary-user.ts'
import { createLab, exists, infectedContent, type Lab, marker } from '../../testing/treatment-lab.ts'
import { createMachine } from '../machine.ts'

const rootPorts = {
  bootToken: () => 'boot-1',
  mayEnd: () => true,
  now: () => new Date(),
  guard: { check: () => Promise.resolve(undefined) },
  autostart: { root: tmpdir(), homes: [], reload: () => Promise.resolve() },
}

interface Stage {
  /** Made by whoever we are at the moment. */
  newLab(elevation?: Elevation, onStep?: (step: string) => void): Lab
  /** A tmpfs of the test's own, with these options. */
  volume(options: string): string
  fstab(text: string): void
}

function stage(): Stage {
  let fstab = ''
  const machine = createMachine()
  const read = (path: string): string => (path === '/etc/fstab' ? fstab : machine.read(path))
  // Also read by whoever is an ordinary user by then.
  const lab: Stage['newLab'] = (elevation, onStep) => {
    const ports = { machine: { ...createMachine(), read }, ...(onStep === undefined ? {} : { onStep }) }
    return createLab({ ports: elevation === undefined ? ports : { ...ports, elevation } })
  }
  const volume = (options: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'volume-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
    return folder
  }
  return {
    newLab: lab,
    volume,
    fstab: (text) => {
      fstab = text
    },
  }
}

const optionsOf = (folder: string): string =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === folder)
    .map((line) => line.split(' ')[5])
    .join(' ')

function errnoIn(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return errnoOf(error)
  }
}

const mountsOn = (file: string): number => optionsOf(file).split(' ').filter(Boolean).length

/** An infected file on a volume that was made read-only afterwards. */
function onReadOnly(
  { volume }: Stage,
  options = 'rw,nosuid,nodev,noexec',
): { readonly folder: string; readonly file: string } {
  const folder = volume(options)
  const file = join(folder, 'evil')
  writeFileSync(file, infectedContent())
  execFileSync('mount', ['-o', 'remount,ro', folder])
  return { folder, file }
}

const scenarios: Record<string, (made: Stage) => Promise<unknown>> = {
  'another volume': async ({ newLab, volume }) => {
    const folder = volume('rw')
    const own = join(folder, 'own')
    mkdirSync(own)
    const file = join(own, 'evil')
    writeFileSync(file, infectedContent())
    const seen: string[] = []
    const lab = newLab(undefined, (step) => {
      if (step === 'grabbed') seen.push(...readdirSync(folder))
    })
    const outcome = await lab.treater.treat(await lab.order(file))
    return { outcome, seen: seen.sort(), left: [readdirSync(folder), readdirSync(own)] }
  },
  'read-only, wanted writable': async (made) => {
    const { folder, file } = onReadOnly(made)
    made.fstab(`# a comment\ntmpfs ${folder} tmpfs defaults,nodev 0 0\n`)
    const before = optionsOf(folder)
    const lab = made.newLab()
    const outcome = await lab.treater.treat(await lab.order(file))
    return { outcome, isThere: exists(file), same: optionsOf(folder) === before, options: before }
  },
  'read-only mount of a writable file system': async ({ fstab, newLab, volume }) => {
    const folder = volume('rw')
    writeFileSync(join(folder, 'evil'), infectedContent())
    const bound = mkdtempSync(join(tmpdir(), 'bound-'))
    execFileSync('mount', ['--bind', folder, bound])
    execFileSync('mount', ['-o', 'remount,bind,ro,noexec', bound])
    fstab(`${folder} ${bound} none bind,rw 0 0\n`)
    const lab = newLab()
    const outcome = await lab.treater.treat(await lab.order(join(bound, 'evil')))
    return { outcome, isThere: exists(join(folder, 'evil')), options: optionsOf(bound), below: optionsOf(folder) }
  },
  'read-only, nobody wants it writable': async (made) => {
    const { folder, file } = onReadOnly(made)
    made.fstab(`tmpfs ${folder} tmpfs ro 0 0\n`)
    const lab = made.newLab()
    const outcome = await lab.treater.treat(await lab.order(file))
    const pending = await lab.treater.replayPending()
    return { outcome, isThere: exists(file), pending, copies: lab.vault.list().length }
  },
  'read-only, wanted writable, no root': async (made) => {
    const { folder, file } = onReadOnly(made)
    made.fstab(`tmpfs ${folder} tmpfs rw 0 0\n`)
    return asOrdinaryUser(async () => {
      const lab = made.newLab()
      return { outcome: await lab.treater.treat(await lab.order(file)), pending: await lab.treater.replayPending() }
    })
  },
  'mounted on itself': async ({ newLab }) => {
    const lab = newLab()
    const file = lab.write('evil', infectedContent())
    execFileSync('mount', ['--bind', file, file])
    execFileSync('mount', ['--bind', file, file])
    const outcome = await lab.treater.treat(await lab.order(file))
    return { outcome, isThere: exists(file), mounts: mountsOn(file) }
  },
  'mounted on a good file': async ({ newLab }) => {
    const lab = newLab()
    const evil = lab.write('evil', infectedContent())
    const good = lab.write('good', 'good content')
    execFileSync('mount', ['--bind', evil, good])
    const outcome = await lab.treater.treat(await lab.order(good))
    const isEvil = readFileSync(evil).includes(marker)
    return { outcome, content: readFileSync(good, 'utf8'), mounts: mountsOn(good), isEvil }
  },
  'mounted because fstab says so': async ({ newLab, fstab }) => {
    const lab = newLab()
    const file = lab.write('evil', infectedContent())
    execFileSync('mount', ['--bind', file, file])
    fstab(`${file} ${file} none bind 0 0`)
    return { outcome: await lab.treater.treat(await lab.order(file)), mounts: mountsOn(file) }
  },
  'mounted, in use, then free': async ({ newLab }) => {
    const lab = newLab()
    const file = lab.write('evil', infectedContent())
    chmodSync(file, 0o4755)
    execFileSync('mount', ['--bind', file, file])
    const held = openSync(file, 'r')
    const first = await lab.treater.treat(await lab.order(file))
    const mode = (statSync(file).mode & 0o7777).toString(8)
    const copies = lab.vault.list().map(({ id }) => id)
    const waiting = await lab.treater.replayPending()
    const same =
      lab.vault
        .list()
        .map(({ id }) => id)
        .join() === copies.join()
    closeSync(held)
    const last = await lab.treater.replayPending()
    return { first, mode, waiting, same, last, isThere: exists(file), mounts: mountsOn(file) }
  },
  'mounted, no root, an administrator helps': ({ newLab }) =>
    asOrdinaryUser(async () => {
      const run: Elevation['run'] = async (request) => {
        process.seteuid?.(0)
        try {
          return await answerHelperRequest(JSON.stringify(request), {
            base: mkdtempSync(join(tmpdir(), 'base-')),
            shownPath: Buffer.from(request.path, 'base64').toString(),
            ports: { ...rootPorts, machine: createMachine() },
          })
        } finally {
          process.seteuid?.(65_534)
        }
      }
      const lab = newLab({ isOffered: () => true, run })
      const file = lab.write('evil', infectedContent())
      chmodSync(file, 0o755)
      process.seteuid?.(0)
      execFileSync('mount', ['--bind', file, file])
      process.seteuid?.(65_534)
      const order = await lab.order(file)
      const first = await lab.treater.treat(order)
      const last = await lab.treater.elevate(order)
      const restorable = lab.vault.list().map((item) => item.restorable)
      return {
        first,
        last,
        isThere: exists(file),
        mounts: mountsOn(file),
        restorable,
        pending: await lab.treater.replayPending(),
      }
    }),
  'a library of the first process': async () => {
    const file = process.env.EVIL_LIBRARY ?? ''
    const lab = createLab({ ports: { mayEnd: () => true } })
    const outcome = await lab.treater.treat(await lab.order(file))
    const replayed = await lab.treater.replayPending()
    const [item] = lab.vault.list()
    const after = lab.again({ ports: { mayEnd: () => true, bootToken: () => 'boot-2' } })
    const last = await after.treater.replayPending()
    return { outcome, isThere: exists(file), replayed, restorable: item?.restorable, last }
  },
  'a link to a mount': ({ volume }) => {
    const mounted = volume('size=1m')
    const link = `${mounted}-link`
    symlinkSync(mounted, link)
    const errno = errnoIn(() => systemCalls().unmount(Buffer.from(link)))
    return Promise.resolve({ errno, mounts: mountsOn(mounted) })
  },
  'mounted, no root': ({ newLab }) =>
    asOrdinaryUser(async () => {
      const lab = newLab()
      const file = lab.write('evil', infectedContent())
      chmodSync(file, 0o755)
      process.seteuid?.(0)
      execFileSync('mount', ['--bind', file, file])
      process.seteuid?.(65_534)
      const outcome = await lab.treater.treat(await lab.order(file))
      return { outcome, mode: (statSync(file).mode & 0o7777).toString(8), restorable: lab.vault.list()[0]?.restorable }
    }),
}

const [name = ''] = process.argv.slice(2)
const scenario = scenarios[name]
if (scenario === undefined) throw new Error(`no scenario ${name}`)
process.stdout.write(JSON.stringify(await scenario(stage())))
