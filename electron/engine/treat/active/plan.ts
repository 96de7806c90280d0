// Puts together, for people, what would be treated with an active object. Looks only; never changes anything.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ActivePlan, ActiveProcess, AutostartEntry, TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { Folder, splitPath } from '../../files/dirfd.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { sameContentStamp, sameInode } from '../../files/identity.ts'
import { toBytes, toFilePath } from '../../files/path-text.ts'
import type { TreatPorts } from '../context.ts'
import { loadedModuleOf } from '../obstacles/kernel-module.ts'
import type { Machine } from '../obstacles/machine.ts'
import { onSameObject } from '../obstacles/same-object.ts'
import type { HeldFile } from '../processes.ts'
import { accountsOf } from './autostart/aim.ts'
import type { FoundFile } from './autostart/entry.ts'
import { findAutostart } from './autostart/find.ts'
import { isPackaged } from './autostart/packaged.ts'
import { type Tree, treeBelow } from './autostart/tree.ts'
import { findInOwnCrontab } from './crontab-change.ts'
import { type FoundProcess, otherHolders, treeOf } from './process-tree.ts'

const mostListed = 200

/** Without a machine no kernel modules are named. */
export type PlanPorts = Pick<TreatPorts, 'mayEnd' | 'guard' | 'autostart'> & Partial<Pick<TreatPorts, 'machine'>>

/** What runs, starts by itself or lies there because of this object. Throws ProductError `bad-path`. */
export async function planActive(ports: PlanPorts, object: DetectedObject): Promise<ActivePlan> {
  const file = heldFileOf(object)
  const tree = treeBelow(ports.autostart.root)
  const isThere = isStillThere(object)
  const { machine } = ports
  const module = isThere && machine !== undefined ? await moduleOf(machine, { object }) : undefined
  const there = isThere ? { inode: file, module } : {}
  return {
    // An inode that is free again may be anybody's.
    processes: isThere ? await processesOf(ports, file, tree) : [],
    autostart: await entriesOf(ports, tree, { path: toBytes(object.path), ...there }),
    files: [{ path: object.path, threat: object.findings[0]?.threat ?? '' }],
  }
}

/** The file of a scanned object, as processes are asked for it. */
export function heldFileOf({ identity, path }: DetectedObject): HeldFile {
  return { dev: BigInt(identity.dev), ino: BigInt(identity.ino), paths: [toBytes(path)] }
}

/** The kernel module that was loaded from this very file. */
export async function moduleOf(machine: Machine, order: Pick<TreatmentOrder, 'object'>): Promise<string | undefined> {
  let module: string | undefined
  try {
    await onSameObject(order, async (fd) => {
      module = await loadedModuleOf(machine, fd, toBytes(order.object.path))
    })
  } catch (error) {
    // Moved away already, or not ours to open.
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
  return module
}

async function processesOf({ mayEnd }: PlanPorts, file: HeldFile, machine: Tree): Promise<ActiveProcess[]> {
  const users = new Map(accountsOf(machine).map(({ uid, user }) => [uid, user]))
  const tree = await treeOf(file, mayEnd)
  const all = [...tree, ...(await otherHolders(file, tree))]
  return all.slice(0, mostListed).map((process) => activeProcess(process, users.get(process.uid) ?? `${process.uid}`))
}

function activeProcess({ pid, startTime, name, program, runs, why }: FoundProcess, user: string): ActiveProcess {
  const path = program === undefined || program.length === 0 ? { text: name } : toFilePath(program)
  return { pid, startTime, name, user, path, runs, willEnd: why === undefined, ...(why === undefined ? {} : { why }) }
}

async function entriesOf(
  { guard, autostart }: PlanPorts,
  tree: Tree,
  bad: Parameters<typeof findAutostart>[2],
): Promise<AutostartEntry[]> {
  const entries: AutostartEntry[] = []
  for (const found of findAutostart(tree, autostart.homes, bad)) {
    const why = (await isPackaged(tree, guard, found)) ? 'package-file' : whyUnchanged(tree, found)
    for (const entry of found.entries) {
      const file = toFilePath(tree.real(found.path))
      entries.push({ kind: found.kind, file, entry, ...(why === undefined ? {} : { why }) })
    }
  }
  const own = await findInOwnCrontab(tree, autostart, bad)
  if (own !== undefined) {
    const file = toFilePath(Buffer.from(own.place))
    entries.push(...own.entries.map((entry) => ({ kind: 'cron' as const, file, entry })))
  }
  return entries.slice(0, mostListed)
}

function whyUnchanged(tree: Tree, { path }: FoundFile): 'no-permission' | undefined {
  return tree.mayChange(path) ? undefined : 'no-permission'
}

/** True while the very file that was scanned has its path. */
function isStillThere({ path, identity }: DetectedObject): boolean {
  const { folder, name } = splitPath(toBytes(path))
  try {
    const handle = Folder.open(folder)
    try {
      const stat = handle.lstatIfThere(name)
      return stat !== undefined && sameInode(identity, stat) && sameContentStamp(identity, stat)
    } finally {
      handle.close()
    }
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return false
    throw error
  }
}
