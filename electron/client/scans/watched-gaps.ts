// What file protection could not look at, by file: as it was the last time that the file was checked.
// Owns the memory only. Never a part of what a scan left out, and not cleared by one.
import type { NotScannedView } from '#shared/domain/scan.ts'

/** Files of which something is kept; the oldest make room. */
const keptFiles = 1000
/** Of one file. */
const keptOfFile = 8

export class WatchedGaps {
  readonly #byPath = new Map<string, readonly NotScannedView[]>()

  /** Everything that is known, oldest first; for `load`. */
  all(): NotScannedView[] {
    return [...this.#byPath.values()].flat()
  }

  load(views: readonly NotScannedView[]): void {
    this.#byPath.clear()
    for (const view of views) this.#byPath.set(view.path, [...(this.#byPath.get(view.path) ?? []), view])
  }

  /** A file was checked; `views`: what of it was not looked at. True when that is something new. */
  set(path: string, views: readonly NotScannedView[]): boolean {
    const before = this.#byPath.get(path) ?? []
    const now = views.slice(0, keptOfFile)
    if (JSON.stringify(before) === JSON.stringify(now)) return false
    this.#byPath.delete(path)
    if (now.length > 0) this.#byPath.set(path, now)
    const oldest = this.#byPath.size > keptFiles ? this.#byPath.keys().next() : null
    if (oldest?.value !== undefined) this.#byPath.delete(oldest.value)
    return true
  }

  /** True when this is known of the file already, whoever left it out. */
  has({ path, reason, partial }: NotScannedView): boolean {
    const known = this.#byPath.get(path) ?? []
    return known.some((view) => view.reason === reason && view.partial === partial)
  }
}
