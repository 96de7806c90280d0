// The contents that a person restored and excluded: no scan reports them, no automatic act touches them again. Owns
// allowed.json.
import { AllowFile, allowedMax } from '#shared/files/allow-file.ts'
import type { Clock } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Storage } from '../storage/storage.ts'

export type AllowedContent = AllowFile['allowed'][number]

export interface AllowList {
  load(): Promise<void>
  has(sha256: string): boolean
  count(): number
  /** Newest first. */
  list(offset: number, limit: number): { readonly total: number; readonly items: AllowedContent[] }
  /** True: it was not allowed before. Throws when it cannot be written down; it is not allowed then. */
  add(sha256: string, name: string): Promise<boolean>
  /** Throws when it cannot be written down; it stays allowed then. */
  remove(sha256s: readonly string[]): Promise<void>
  /** Told after every change. */
  onChange(listener: () => void): void
}

export function createAllowList({ storage, clock }: { storage: Storage; clock: Clock }): AllowList {
  let allowed: AllowFile['allowed'] = []
  let save: (file: AllowFile) => Promise<void> = async () => undefined
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }

  async function become(next: AllowFile['allowed']): Promise<void> {
    const before = allowed
    allowed = next
    try {
      await save({ version: 1, allowed })
    } catch (error) {
      allowed = before
      throw error
    }
    tell()
  }

  return {
    async load() {
      const opened = await storage.openDocument('allowed.json', AllowFile)
      save = opened.save
      allowed = opened.value?.allowed ?? []
      tell()
    },
    has: (sha256) => allowed.some((one) => one.sha256 === sha256),
    count: () => allowed.length,
    list(offset, limit) {
      const newestFirst = [...allowed].reverse()
      return { total: allowed.length, items: newestFirst.slice(offset, offset + limit) }
    },
    async add(sha256, name) {
      if (allowed.some((one) => one.sha256 === sha256)) return false
      const entry = { sha256, name: name.slice(0, 256), at: isoNow(clock) }
      await become([...allowed, entry].slice(-allowedMax))
      return true
    },
    async remove(sha256s) {
      const gone = new Set(sha256s)
      const left = allowed.filter(({ sha256 }) => !gone.has(sha256))
      if (left.length < allowed.length) await become(left)
    },
    onChange(listener) {
      listeners.add(listener)
    },
  }
}
