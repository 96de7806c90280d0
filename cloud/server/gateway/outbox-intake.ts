// Takes over what a device has to tell: in order, each fact once, all of a push or nothing. Owns the position in the
// device's outbox and the transaction that moves it together with what it carried.
import { eq } from 'drizzle-orm'
import type { OutboxItem } from '#shared/cloud-protocol/device-contract.ts'
import type { CommandRecord } from '#shared/domain/command.ts'
import { ProductError } from '#shared/errors.ts'
import { iso } from '../clock.ts'
import { advance } from '../commands/command-store.ts'
import type { PortalContext } from '../context.ts'
import { countUnprocessed } from '../detections/detection-acts.ts'
import { dropDetections, mirrorDetections } from '../detections/detection-mirror.ts'
import type { Database } from '../storage/database.ts'
import { activity, devices } from '../storage/schema.ts'

export interface Push {
  readonly epoch: string
  readonly items: readonly OutboxItem[]
}

export interface Intake {
  readonly storedSeq: number
  readonly commands: readonly CommandRecord[]
}

/** Stores a push and tells the pages. Answers with the highest sequence number that is safely stored. */
export async function takeOutbox(
  context: PortalContext,
  ids: { deviceId: string; accountId: string },
  push: Push,
): Promise<Intake> {
  const { deviceId, accountId } = ids
  const { storedSeq, commands, unprocessed } = await context.db.transaction((tx) => store(context, tx, deviceId, push))
  for (const command of commands) context.bus.publish({ kind: 'command.changed', accountId, command })
  if (unprocessed !== null) {
    context.bus.publish({ kind: 'detections.changed', accountId, deviceId, unprocessed, at: iso(context.clock.now()) })
  }
  return { storedSeq, commands }
}

async function store(context: PortalContext, tx: Database, deviceId: string, { epoch, items }: Push) {
  const [device] = await tx.select().from(devices).where(eq(devices.id, deviceId)).for('update')
  if (!device || device.ended !== null) throw new ProductError('device-removed')
  const firstSeq = items[0]?.seq ?? 0
  // A new epoch starts wherever the device's journal starts: what it told another portal before is not ours.
  const before = device.outboxEpoch === epoch ? device.outboxSeq : firstSeq - 1
  const fresh = inOrder(items, before)
  const storedSeq = before + fresh.length
  const touched = await storeDetections(tx, deviceId, fresh)
  const commands = await storeCommands(context, tx, deviceId, fresh)
  await storeActivity(tx, deviceId, fresh)
  await tx.update(devices).set({ outboxEpoch: epoch, outboxSeq: storedSeq }).where(eq(devices.id, deviceId))
  return {
    storedSeq: Math.max(storedSeq, 0),
    commands,
    unprocessed: touched ? await countUnprocessed(tx, deviceId) : null,
  }
}

/** The items that follow what is stored without a gap; repeated ones are dropped, those after a gap wait for it. */
export function inOrder(items: readonly OutboxItem[], before: number): OutboxItem[] {
  const fresh: OutboxItem[] = []
  for (const item of [...items].sort((a, b) => a.seq - b.seq)) {
    if (item.seq === before + fresh.length + 1) fresh.push(item)
  }
  return fresh
}

/** Runs of changes and removals in their order; true when there was any. */
async function storeDetections(tx: Database, deviceId: string, items: readonly OutboxItem[]): Promise<boolean> {
  const changes = items
    .map((item) => item.body)
    .filter((body) => body.kind === 'detection' || body.kind === 'detection-removed')
  let at = 0
  while (at < changes.length) {
    const kind = changes[at]?.kind
    let end = at
    while (changes[end]?.kind === kind && end < changes.length) end += 1
    const run = changes.slice(at, end)
    await mirrorDetections(
      tx,
      deviceId,
      run.flatMap((body) => (body.kind === 'detection' ? [body.detection] : [])),
    )
    await dropDetections(
      tx,
      deviceId,
      run.flatMap((body) => (body.kind === 'detection-removed' ? [body.detectionId] : [])),
    )
    at = end
  }
  return changes.length > 0
}

async function storeCommands(context: PortalContext, tx: Database, deviceId: string, items: readonly OutboxItem[]) {
  const changed: CommandRecord[] = []
  for (const { at, body } of items) {
    if (body.kind !== 'command') continue
    const { commandId, status, result } = body
    const record = await advance(tx, { deviceId, commandId, status, at: notLater(at, context.clock.now()), result })
    if (record) changed.push(record)
  }
  return changed
}

async function storeActivity(tx: Database, deviceId: string, items: readonly OutboxItem[]): Promise<void> {
  const rows = items.flatMap(({ at, body }) =>
    body.kind === 'activity' ? [{ deviceId, at: new Date(at), body: { text: body.text, grade: body.grade } }] : [],
  )
  if (rows.length > 0) await tx.insert(activity).values(rows)
}

/** A device whose clock is ahead does not bring times of the future. */
function notLater(at: string, now: Date): Date {
  const told = new Date(at)
  return told > now ? now : told
}
