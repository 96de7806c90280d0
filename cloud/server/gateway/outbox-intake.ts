// Takes over what a device has to tell: in order, each fact once, all of a push or nothing. Owns the position in the
// device's outbox and the transaction that moves it together with what it carried.
import { and, eq } from 'drizzle-orm'
import type { OutboxItem } from '#shared/cloud-protocol/device-contract.ts'
import { type CommandRecord, isFinal } from '#shared/domain/command.ts'
import { ProductError } from '#shared/errors.ts'
import { iso } from '../clock.ts'
import { advance, endForgotten, markHeard, presumeLost } from '../commands/command-store.ts'
import type { PortalContext } from '../context.ts'
import { countUnprocessed } from '../detections/detection-acts.ts'
import { dropDetections, dropForgotten, mirrorDetections } from '../detections/detection-mirror.ts'
import type { DeviceRow } from '../devices/device-cards.ts'
import type { Database } from '../storage/database.ts'
import { commands, devices } from '../storage/schema.ts'

/** The connection a push comes over. */
export interface Source {
  readonly deviceId: string
  readonly accountId: string
  readonly connectedAt: Date
}

export interface Push {
  readonly epoch: string
  readonly items: readonly OutboxItem[]
}

export interface Intake {
  readonly storedSeq: number
  readonly commands: readonly CommandRecord[]
}

/**
 * Stores a push and tells the pages. Answers with the highest sequence number that is safely stored. The end of a command is told
 * last, after what it changed; `cardTold`: resolves when the pages know how the device is now.
 */
export async function takeOutbox(
  context: PortalContext,
  source: Source,
  push: Push,
  cardTold: () => Promise<void>,
): Promise<Intake> {
  const { deviceId, accountId } = source
  const { storedSeq, changed, unprocessed } = await context.db.transaction((tx) => store(context, tx, source, push))
  if (changed.some(({ status }) => isFinal(status))) await cardTold()
  if (unprocessed !== null) {
    context.bus.publish({ kind: 'detections.changed', accountId, deviceId, unprocessed, at: iso(context.clock.now()) })
  }
  for (const command of changed) context.bus.publish({ kind: 'command.changed', accountId, command })
  return { storedSeq, commands: changed }
}

async function store(context: PortalContext, tx: Database, source: Source, { epoch, items }: Push) {
  const { deviceId, connectedAt } = source
  const [device] = await tx.select().from(devices).where(eq(devices.id, deviceId)).for('update')
  if (!device || device.ended !== null) throw new ProductError('device-removed')
  const firstSeq = items[0]?.seq ?? 0
  // A new epoch starts wherever the device's journal starts: what it told another portal before is not ours.
  const before = device.outboxEpoch === epoch ? device.outboxSeq : firstSeq - 1
  const fresh = inOrder(items, before)
  const storedSeq = before + fresh.length
  let touched = await storeDetections(tx, { deviceId, epoch }, fresh)
  const changed = await storeCommands(context, tx, device, fresh)
  await markHeard(tx, deviceId, commandIds(fresh), epoch)
  if (fresh.some(({ body }) => body.kind === 'epoch-complete')) {
    touched = (await dropForgotten(tx, deviceId, epoch)) || touched
    changed.push(...(await endForgotten(tx, { deviceId, epoch, connectedAt, at: context.clock.now() })))
  }
  await tx.update(devices).set({ outboxEpoch: epoch, outboxSeq: storedSeq }).where(eq(devices.id, deviceId))
  return {
    storedSeq: Math.max(storedSeq, 0),
    changed,
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
async function storeDetections(
  tx: Database,
  where: { deviceId: string; epoch: string },
  items: readonly OutboxItem[],
): Promise<boolean> {
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
      where,
      run.flatMap((body) => (body.kind === 'detection' ? [body.detection] : [])),
    )
    await dropDetections(
      tx,
      where.deviceId,
      run.flatMap((body) => (body.kind === 'detection-removed' ? [body.detectionId] : [])),
    )
    at = end
  }
  return changes.length > 0
}

async function storeCommands({ clock }: PortalContext, tx: Database, device: DeviceRow, items: readonly OutboxItem[]) {
  const changed: CommandRecord[] = []
  for (const item of items) {
    if (item.body.kind !== 'command') continue
    const { commandId, status, result } = item.body
    const at = notLater(item.at, clock.now())
    const record = await advance(tx, { deviceId: device.id, commandId, status, at, result, byDevice: true })
    if (record) changed.push(record)
    if (status !== 'failed' || result?.error !== 'scan-unknown') continue
    const unknown = await unknownScan(tx, device, commandId)
    if (unknown !== undefined) changed.push(...(await presumeLost(tx, device.id, [unknown], at)))
  }
  return changed
}

/** The scan that a control was about which the device could not find; not one that only waits for its turn or is ending. */
async function unknownScan(tx: Database, device: DeviceRow, controlId: string): Promise<string | undefined> {
  const byId = (id: string) => and(eq(commands.deviceId, device.id), eq(commands.id, id))
  const [control] = await tx.select({ body: commands.body }).from(commands).where(byId(controlId))
  if (control?.body.kind !== 'scan.control') return undefined
  const { commandId, action } = control.body.args
  const origin = device.state?.runningScan?.origin
  if (origin?.kind === 'remote' && origin.commandId === commandId) return undefined
  const [scan] = await tx.select({ status: commands.status }).from(commands).where(byId(commandId))
  const waits = scan?.status === 'delivered' && action !== 'stop'
  return scan === undefined || scan.status === 'planned' || waits ? undefined : commandId
}

function commandIds(items: readonly OutboxItem[]): string[] {
  return items.flatMap(({ body }) => (body.kind === 'command' ? [body.commandId] : []))
}

/** A device whose clock is ahead does not bring times of the future. */
function notLater(at: string, now: Date): Date {
  const told = new Date(at)
  return told > now ? now : told
}
