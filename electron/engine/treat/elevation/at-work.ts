// Whether a helper that was given a request is still at work: until it has ended nobody knows what comes of it.
// Never signals anything.
import { errnoOf } from '../../files/fs-errors.ts'
import { startTimeOf } from '../processes.ts'

/** `startTime`: field 22 of /proc/PID/stat; absent where processes of other users are hidden. */
export interface HelperProcess {
  readonly pid: number
  readonly startTime?: string | undefined
}

export function isAtWork({ pid, startTime }: HelperProcess): boolean {
  return startTime === undefined ? isProcess(pid) : startTimeOf(pid) === startTime
}

/** Also one that is hidden. */
function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
