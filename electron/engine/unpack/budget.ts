// What one file may cost to look into: members, unpacked bytes, time. One budget for all levels of a file.
// Only counts; what a reached limit means for the report is decided by its users.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Limits } from '../limits/limits.ts'

export class Budget {
  readonly limits: Limits
  private readonly deadline: number
  private members = 0
  private spent = 0

  constructor(limits: Limits, now: number = performance.now()) {
    this.limits = limits
    this.deadline = now + limits.timeMs
  }

  /** Counts a member in; the reason why it may not be looked at any more, or null. */
  admitMember(): NotScannedReason | null {
    this.members += 1
    if (this.members > this.limits.members) return 'member-count'
    if (this.spent >= this.limits.unpackedBytes) return 'too-big'
    return this.isOverTime() ? 'time-limit' : null
  }

  /** Bytes that the next member may unpack to. */
  room(): number {
    return Math.max(0, Math.min(this.limits.memberBytes, this.limits.unpackedBytes - this.spent))
  }

  /** Members that may still be looked at. */
  membersLeft(): number {
    return Math.max(0, this.limits.members - this.members)
  }

  /** Unpacked bytes of a member that was made. */
  spend(bytes: number): void {
    this.spent += bytes
  }

  isOverTime(): boolean {
    return performance.now() > this.deadline
  }

  /** True when so few packed bytes cannot honestly have become so many. */
  isBomb(packed: number, unpacked: number): boolean {
    return unpacked > this.limits.bombBytes && unpacked > packed * this.limits.bombRatio
  }
}
