// Progress of the commands a device carries out: told to the pages at once, written down every few seconds. Owns the newest
// numbers of one connection; losing them is harmless, because they are absolute.
import { and, eq } from 'drizzle-orm'
import type { CommandRecord } from '#shared/domain/command.ts'
import { isFinal } from '#shared/domain/command.ts'
import type { ScanProgress } from '#shared/domain/scan.ts'
import { advance, toRecord } from '../commands/command-store.ts'
import type { PortalContext } from '../context.ts'
import { commands } from '../storage/schema.ts'

const writeEveryMs = 5_000

export interface LiveProgress {
  report(commandId: string, progress: ScanProgress): void
  /** These commands changed in the database; what is remembered of them is old. */
  forget(commandIds: readonly string[]): void
  settled(): Promise<void>
}

interface Entry {
  record: CommandRecord
  writtenAt: number
}

export function createLiveProgress(context: PortalContext, ids: { deviceId: string; accountId: string }): LiveProgress {
  const { db, clock, log } = context
  const { deviceId, accountId } = ids
  const known = new Map<string, Entry>()
  const newest = new Map<string, ScanProgress>()
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    try {
      for (let next = takeNext(newest); next; next = takeNext(newest)) await handle(next[0], next[1])
    } catch (error) {
      log.error({ err: error, deviceId }, 'progress could not be stored')
    }
    // In the same turn as the last look: what is reported from now on begins a new run.
    running = undefined
  }

  async function handle(commandId: string, progress: ScanProgress): Promise<void> {
    const entry = known.get(commandId) ?? (await open(commandId))
    if (!entry) return
    entry.record = { ...entry.record, progress }
    const now = clock.now().getTime()
    if (now - entry.writtenAt >= writeEveryMs) {
      entry.writtenAt = now
      await db
        .update(commands)
        .set({ progress })
        .where(and(mine(commandId), eq(commands.status, 'running')))
    }
    // Its end may have been stored meanwhile.
    if (known.get(commandId) === entry)
      context.bus.publish({ kind: 'command.changed', accountId, command: entry.record })
  }

  async function open(commandId: string): Promise<Entry | undefined> {
    const step = { deviceId, commandId, status: 'running', at: clock.now(), byDevice: true } as const
    const record = (await db.transaction((tx) => advance(tx, step))) ?? (await read(commandId))
    if (!record || isFinal(record.status)) return undefined
    const entry = { record, writtenAt: 0 }
    known.set(commandId, entry)
    return entry
  }

  async function read(commandId: string): Promise<CommandRecord | undefined> {
    const [row] = await db.select().from(commands).where(mine(commandId))
    return row && toRecord(row)
  }

  const mine = (commandId: string) => and(eq(commands.deviceId, deviceId), eq(commands.id, commandId))

  return {
    report: (commandId, progress) => {
      newest.set(commandId, progress)
      running ??= drain()
    },
    forget: (commandIds) => {
      for (const id of commandIds) known.delete(id)
    },
    settled: async () => {
      await running
    },
  }
}

function takeNext(waiting: Map<string, ScanProgress>): [string, ScanProgress] | undefined {
  const next = waiting.entries().next().value
  if (next) waiting.delete(next[0])
  return next
}
