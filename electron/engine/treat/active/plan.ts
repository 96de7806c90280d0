// Puts together, for people, what would be treated with an active object. Looks only; never changes anything.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ActivePlan, ActiveProcess } from '#shared/domain/treatment.ts'
import { toBytes, toFilePath } from '../../files/path-text.ts'
import type { TreatPorts } from '../context.ts'
import type { HeldFile } from '../processes.ts'
import { type FoundProcess, otherHolders, treeOf } from './process-tree.ts'

const mostListed = 200

/** What runs, starts by itself or lies there because of this object. Throws ProductError `bad-path`. */
export async function planActive(ports: Pick<TreatPorts, 'mayEnd'>, object: DetectedObject): Promise<ActivePlan> {
  const file = heldFileOf(object)
  const tree = await treeOf(file, ports.mayEnd)
  const processes = [...tree, ...(await otherHolders(file, tree))]
  return {
    processes: processes.slice(0, mostListed).map(activeProcess),
    autostart: [],
    files: [{ path: object.path, threat: object.findings[0]?.threat ?? '' }],
  }
}

/** The file of a scanned object, as processes are asked for it. */
export function heldFileOf({ identity, path }: DetectedObject): HeldFile {
  return { dev: BigInt(identity.dev), ino: BigInt(identity.ino), paths: [toBytes(path)] }
}

function activeProcess({ pid, startTime, name, uid, program, runs, why }: FoundProcess): ActiveProcess {
  const path = program === undefined || program.length === 0 ? { text: name } : toFilePath(program)
  const user = `${uid}`
  return { pid, startTime, name, user, path, runs, willEnd: why === undefined, ...(why === undefined ? {} : { why }) }
}
