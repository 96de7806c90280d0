// The lock file of the app's data folder: who holds it. App and command line agree on this form; a process id alone is not
// enough, because ids are used again, so the start time of that process is kept beside it.
import { z } from 'zod'

/** Name of the file inside the data folder. */
export const appLockName = 'app.lock'

/** Absent in locks of earlier versions. */
export const LockHolder = z.enum(['app', 'command'])
export type LockHolder = z.infer<typeof LockHolder>

/** `startTime`: field 22 of /proc/PID/stat on Linux (ticks since the boot); empty where a system does not tell. */
export const AppLock = z.strictObject({
  version: z.literal(1),
  pid: z.number().int().positive(),
  startTime: z.string().regex(/^\d{0,24}$/),
  by: LockHolder.optional(),
})
export type AppLock = z.infer<typeof AppLock>

/** The start time in the text of /proc/PID/stat; empty when it is not there. The name in brackets may hold anything. */
export function startTimeOf(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = fields[19] ?? ''
  return /^\d{1,24}$/.test(field) ? field : ''
}
