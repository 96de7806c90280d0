// The contents that a person restored although they are detected: no automatic act touches them again. Owns allowed.json.
import { AllowFile, allowedMax } from '#shared/files/allow-file.ts'
import type { Clock } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Storage } from '../storage/storage.ts'

export interface AllowList {
  load(): Promise<void>
  has(sha256: string): boolean
  /** True: it was not allowed before. Throws when it cannot be written down; it is not allowed then. */
  add(sha256: string, name: string): Promise<boolean>
  remove(sha256: string): Promise<void>
}

export function createAllowList({ storage, clock }: { storage: Storage; clock: Clock }): AllowList {
  let allowed: AllowFile['allowed'] = []
  let save: (file: AllowFile) => Promise<void> = async () => undefined

  async function become(next: AllowFile['allowed']): Promise<void> {
    const before = allowed
    allowed = next
    try {
      await save({ version: 1, allowed })
    } catch (error) {
      allowed = before
      throw error
    }
  }

  const without = (sha256: string) => allowed.filter((one) => one.sha256 !== sha256)

  return {
    async load() {
      const opened = await storage.openDocument('allowed.json', AllowFile)
      save = opened.save
      allowed = opened.value?.allowed ?? []
    },
    has: (sha256) => allowed.some((one) => one.sha256 === sha256),
    async add(sha256, name) {
      if (allowed.some((one) => one.sha256 === sha256)) return false
      const entry = { sha256, name: name.slice(0, 256), at: isoNow(clock) }
      await become([...without(sha256), entry].slice(-allowedMax))
      return true
    },
    remove: (sha256) => become(without(sha256)),
  }
}
