// Plans of active objects joined into what a window shows: nothing twice, bounded, and how much is not listed. Pure.
import type { PlanView } from '#shared/domain/alerts.ts'
import { shortened } from '#shared/domain/shortened.ts'
import type { ActivePlan } from '#shared/domain/treatment.ts'

const listed = 50
const pathLength = 4096

export const noPlan: PlanView = { processes: [], autostart: [], files: [], more: 0 }

/** True while code of the object runs. */
export function isActive({ processes }: ActivePlan): boolean {
  return processes.some(({ runs }) => runs)
}

/** One list of each kind; what runs the malware comes first. */
export function planView(plans: readonly ActivePlan[]): PlanView {
  const processes = distinct(
    plans.flatMap((plan) => plan.processes),
    ({ pid, startTime }) => `${pid} ${startTime}`,
  ).sort((a, b) => Number(b.runs) - Number(a.runs))
  const autostart = distinct(
    plans.flatMap((plan) => plan.autostart),
    ({ kind, file, entry }) => `${kind}\0${file.bytes ?? file.text}\0${entry}`,
  )
  const files = distinct(
    plans.flatMap((plan) => plan.files),
    ({ path }) => path.bytes ?? path.text,
  )
  const more = [processes, autostart, files].reduce((sum, { length }) => sum + Math.max(0, length - listed), 0)
  return {
    processes: processes.slice(0, listed).map(({ pid, name, user, willEnd, why, path }) => ({
      pid,
      name,
      user,
      willEnd,
      ...(why ? { why } : {}),
      program: shortened(path.text, pathLength),
    })),
    autostart: autostart.slice(0, listed).map(({ kind, entry, why, file }) => ({
      kind,
      entry,
      ...(why ? { why } : {}),
      file: shortened(file.text, pathLength),
    })),
    files: files.slice(0, listed).map(({ path, threat }) => ({ path: shortened(path.text, pathLength), threat })),
    more,
  }
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}
