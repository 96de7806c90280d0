// What one file may cost to look into: members, unpacked bytes, time. One budget for all levels of a file.
// Only counts; what a reached limit means for the report is decided by its users.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Limits } from '../limits/limits.ts'

export class Budget {
  readonly limits: Limits
  private started: number
  private members = 0
  private spent = 0
  private held = 0

  constructor(limits: Limits, now: number = performance.now()) {
    this.limits = limits
    this.started = now
  }

  /** Counts a member in; the reason why it may not be looked at any more, or null. */
  admitMember(): NotScannedReason | null {
    this.members += 1
    if (this.members > this.limits.members) return 'member-count'
    if (this.spent >= this.limits.unpackedBytes) return 'too-big'
    return this.isOverTime() ? 'time-limit' : null
  }

  /** Bytes that the next member in memory may unpack to. */
  room(): number {
    return Math.min(this.limits.memberBytes, this.unpackedLeft(), this.roomToHold())
  }

  /** Bytes that may still be held while what lies in them is looked at. */
  roomToHold(): number {
    return Math.max(0, this.limits.nestedBytes - this.held)
  }

  /** Counts bytes that stay in memory until the function that is given back was called. */
  hold(bytes: number): () => void {
    this.held += bytes
    return () => {
      this.held -= bytes
    }
  }

  /** Bytes that may still come out of the file in all. */
  unpackedLeft(): number {
    return Math.max(0, this.limits.unpackedBytes - this.spent)
  }

  /** Members that may still be looked at. */
  membersLeft(): number {
    return Math.max(0, this.limits.members - this.members)
  }

  /** Unpacked bytes of a member that was made. */
  spend(bytes: number): void {
    this.spent += bytes
  }

  /** Time that went by without anybody looking at the file, in ms. */
  forgive(ms: number): void {
    this.started += ms
  }

  isOverTime(): boolean {
    return this.isPast(1)
  }

  timeLeftMs(): number {
    return Math.max(0, this.started + this.limits.timeMs - performance.now())
  }

  /** True when this share of the time (1: all of it) is used up. */
  isPast(share: number): boolean {
    return performance.now() > this.started + this.limits.timeMs * share
  }

  /** True when so few packed bytes cannot honestly have become so many. */
  isBomb(packed: number, unpacked: number): boolean {
    return unpacked > this.limits.bombBytes && unpacked > packed * this.limits.bombRatio
  }
}
