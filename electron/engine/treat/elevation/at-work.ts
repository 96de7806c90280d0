// Whether a helper that was given a request is still at work: until it has ended nobody knows what comes of it.
// Never signals anything.
import { errnoOf } from '../../files/fs-errors.ts'
import { startTimeOf } from '../processes.ts'

/** `startTime`: field 22 of /proc/PID/stat; absent where other users' processes are hidden. */
export interface HelperProcess {
  readonly pid: number
  readonly startTime?: string | undefined
}

export function isAtWork({ pid, startTime }: HelperProcess): boolean {
  const now = startTimeOf(pid)
  return now === undefined || startTime === undefined ? isProcess(pid) : now === startTime
}

/** Also of other users, and where they are hidden. */
function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
