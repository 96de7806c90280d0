// What may be asked of a device now: one scan at a time, groups only as groups, no endless queue. Pure questions to the
// database inside the transaction that stores the command. Owns the refusals.
import { and, count, eq, gt, inArray } from 'drizzle-orm'
import { type CommandBody, isFinal } from '#shared/domain/command.ts'
import type { DeviceState } from '#shared/domain/device.ts'
import { canIgnore } from '#shared/domain/problem.ts'
import { ProductError } from '#shared/errors.ts'
import { plus } from '../clock.ts'
import { currentActs } from '../detections/detection-acts.ts'
import type { Database } from '../storage/database.ts'
import { commands } from '../storage/schema.ts'

/** Commands that may wait for one device. */
export const maxPlanned = 20
/** Commands for one device in a minute. */
export const maxPerMinute = 30

export interface Target {
  readonly deviceId: string
  readonly online: boolean
  readonly state: DeviceState | null
}

/** The command as it is to be stored. Throws when it may not be stored now. */
export async function currentCommand(tx: Database, target: Target, body: CommandBody, now: Date): Promise<CommandBody> {
  await checkAmount(tx, target.deviceId, now)
  if (body.kind === 'detections.act') return { ...body, args: await currentActs(tx, target.deviceId, body.args) }
  await checkAsked(tx, target, body)
  return body
}

function checkAsked(
  tx: Database,
  target: Target,
  body: Exclude<CommandBody, { kind: 'detections.act' }>,
): void | Promise<void> {
  switch (body.kind) {
    case 'scan.start':
      return checkScanStart(tx, target)
    case 'scan.control':
      return checkScanControl(tx, target, body.args.commandId)
    case 'problem.ignore':
      return checkIgnore(target, body.args)
    case 'device.restart':
      return checkRestart(tx, target)
    case 'restart.cancel':
      return checkRestartCancel(tx, target, body.args.commandId)
  }
}

/** Refuses more than a person would ask for. */
export async function checkAmount(tx: Database, deviceId: string, now: Date): Promise<void> {
  const [planned] = await tx
    .select({ total: count() })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), eq(commands.status, 'planned')))
  if ((planned?.total ?? 0) >= maxPlanned) throw new ProductError('too-many-requests', 'planned')
  const [recent] = await tx
    .select({ total: count() })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), gt(commands.issuedAt, plus(now, -60_000))))
  if ((recent?.total ?? 0) >= maxPerMinute) throw new ProductError('too-many-requests', 'per-minute')
}

/** A planned scan blocks only while the device is there to start it at once; otherwise it is just planned. */
async function checkScanStart(tx: Database, { deviceId, online, state }: Target): Promise<void> {
  const blocking = online ? (['planned', 'delivered', 'running'] as const) : (['delivered', 'running'] as const)
  const [open] = await tx
    .select({ total: count() })
    .from(commands)
    .where(
      and(eq(commands.deviceId, deviceId), eq(commands.kind, 'scan.start'), inArray(commands.status, [...blocking])),
    )
  if ((open?.total ?? 0) > 0 || (online && (await stillRuns(tx, state)))) throw new ProductError('already-running')
}

/** The end of a remote scan may arrive before the state without it does: the command's own status is the newer news. */
async function stillRuns(tx: Database, state: DeviceState | null): Promise<boolean> {
  const origin = state?.runningScan?.origin
  if (origin?.kind !== 'remote') return origin !== undefined
  const [command] = await tx.select({ status: commands.status }).from(commands).where(eq(commands.id, origin.commandId))
  return command === undefined || !isFinal(command.status)
}

async function checkScanControl(tx: Database, { deviceId }: Target, commandId: string): Promise<void> {
  const [scan] = await tx
    .select({ status: commands.status })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), eq(commands.id, commandId), eq(commands.kind, 'scan.start')))
  if (!scan) throw new ProductError('not-found')
  if (isFinal(scan.status) || scan.status === 'planned') throw new ProductError('scan-unknown')
}

/** One request at a time; whether there is anything to finish is for the owner to know. */
async function checkRestart(tx: Database, { deviceId }: Target): Promise<void> {
  const open = inArray(commands.status, ['planned', 'delivered', 'running'])
  const [asked] = await tx
    .select({ total: count() })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), eq(commands.kind, 'device.restart'), open))
  if ((asked?.total ?? 0) > 0) throw new ProductError('restart-already-asked')
}

/** A planned request is cancelled as every planned command is; the device decides whether one it has can still be taken back. */
async function checkRestartCancel(tx: Database, { deviceId }: Target, commandId: string): Promise<void> {
  const [asked] = await tx
    .select({ status: commands.status })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), eq(commands.id, commandId), eq(commands.kind, 'device.restart')))
  if (!asked) throw new ProductError('not-found')
  if (isFinal(asked.status) || asked.status === 'planned') throw new ProductError('not-cancellable')
}

function checkIgnore({ state }: Target, { key, ignored }: { key: string; ignored: boolean }): void {
  const problem = state?.problems.find((entry) => entry.key === key)
  if (!problem) throw new ProductError('not-found')
  if (ignored && !canIgnore(problem)) throw new ProductError('forbidden')
}
