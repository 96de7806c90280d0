// The list of treatments that wait for a restart or for the end of a process, kept in a journal.
// Owns the records and holds their copies in Quarantine; never acts on a file.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { type Holder, PendingLine, type PendingRecord } from '#shared/files/treatment-lines.ts'
import { openJournal } from '../files/journal.ts'
import type { Vault } from '../quarantine/vault.ts'
import { whyText } from './why-not-ended.ts'

export interface PendingList {
  all(): PendingRecord[]
  get(detectionId: DetectionId): PendingRecord | undefined
  /** Adds or replaces; on disk when it returns. */
  set(record: PendingRecord): void
  finish(detectionId: DetectionId): void
  close(): void
}

/** The outcome of an order as long as its record waits. */
export function waitingOutcome(waiting: Waiting): Extract<TreatmentOutcome, { status: 'at-restart' }> {
  const { quarantineId, reason } = waiting
  const [holder] = waiting.holders
  return {
    status: 'at-restart',
    ...(quarantineId === undefined ? {} : { quarantineId }),
    holder: holder === undefined ? systemHolder(waiting) : holderText(holder),
    ...(reason === undefined ? {} : { reason }),
  }
}

type Waiting = Pick<PendingRecord, 'holders' | 'quarantineId' | 'reason' | 'module'>

/** A holder for people: name, process id, and why it goes on. */
function holderText({ name, pid, why }: Holder): string {
  return `${name} (${pid})${why === undefined ? '' : `, ${whyText(why)}`}`
}

/** What holds a file where it is no process. */
function systemHolder({ reason, module }: Waiting): string {
  switch (reason) {
    case 'mounted':
      return 'a mount on this file'
    case 'swap':
      return 'the swap space of the system'
    case 'module':
      return `the kernel module ${module ?? ''}`
    case 'boot':
      return 'the boot image, which has to be made anew before (update-initramfs -u, dracut --force or mkinitcpio -P)'
    default:
      return 'system'
  }
}

/** Opens `dataDir/pending.jsonl` and holds the copies of its records. */
export function openPending(dataDir: string, vault: Pick<Vault, 'hold' | 'release'>, now: () => Date): PendingList {
  const { journal, entries } = openJournal(join(dataDir, 'pending.jsonl'), PendingLine)
  const records = new Map<DetectionId, PendingRecord>()
  const at = (): string => now().toISOString()
  for (const line of entries) {
    if (line.kind === 'pending') records.set(line.record.detectionId, line.record)
    else records.delete(line.detectionId)
  }
  const line = (record: PendingRecord): PendingLine => ({ version: 1, kind: 'pending', at: at(), record })
  if (records.size < entries.length) journal.compact([...records.values()].map(line))
  for (const record of records.values()) if (record.quarantineId !== undefined) vault.hold(record.quarantineId)
  return {
    all: () => [...records.values()],
    get: (detectionId) => records.get(detectionId),
    set: (record) => {
      const isNew = !isDeepStrictEqual(records.get(record.detectionId), record)
      if (isNew) journal.append(line(record))
      records.set(record.detectionId, record)
      if (record.quarantineId !== undefined) vault.hold(record.quarantineId)
    },
    finish: (detectionId) => {
      const record = records.get(detectionId)
      if (record === undefined) return
      journal.append({ version: 1, kind: 'finished', at: at(), detectionId })
      records.delete(detectionId)
      if (record.quarantineId !== undefined) vault.release(record.quarantineId)
    },
    close: () => journal.close(),
  }
}
