// Offers a device what is planned for it, one command after the other in the order they were asked for, until it has
// accepted all. Owns the loop of one connection; what a command means is not known here.
import { and, asc, eq, gt } from 'drizzle-orm'
import type { DeviceSideContract } from '#shared/cloud-protocol/device-contract.ts'
import { CommandEnvelope, type CommandStatus } from '#shared/domain/command.ts'
import { codeOf, type ErrorCode } from '#shared/errors.ts'
import type { ContractClient } from '#shared/rpc/contract.ts'
import { iso } from '../clock.ts'
import { advance, type CommandRow, markOffered } from '../commands/command-store.ts'
import type { PortalContext } from '../context.ts'
import { commands } from '../storage/schema.ts'

/** An offer without an answer on a living connection is made again after this long. */
const againAfterMs = 15_000

export interface DeliveryTarget {
  readonly deviceId: string
  readonly accountId: string
  readonly client: ContractClient<DeviceSideContract>
}

export interface Delivery {
  /** There may be something planned. */
  kick(): void
  stop(): Promise<void>
}

export function createDelivery(context: PortalContext, target: DeliveryTarget): Delivery {
  let stopped = false
  let again = false
  let running: Promise<void> | undefined
  let cancelRetry: () => void = () => undefined

  function kick(): void {
    again = true
    if (!stopped && running === undefined) running = loop()
  }

  function retry(error: unknown): void {
    if (stopped) return
    if (codeOf(error) === 'internal')
      context.log.error({ err: error, deviceId: target.deviceId }, 'commands could not be delivered')
    cancelRetry()
    cancelRetry = context.clock.after(againAfterMs, kick)
  }

  async function loop(): Promise<void> {
    try {
      while (again && !stopped) await offerPlanned()
    } catch (error) {
      retry(error)
    }
    // In the same turn as the last look: what is planned from now on begins a new run.
    running = undefined
  }

  async function offerPlanned(): Promise<void> {
    again = false
    for (const id of await plannedIds(context, target.deviceId)) {
      if (stopped) return
      await offer(context, target, id)
    }
  }

  return {
    kick,
    stop: async () => {
      stopped = true
      cancelRetry()
      await running
    },
  }
}

async function plannedIds({ db, clock }: PortalContext, deviceId: string): Promise<string[]> {
  const rows = await db
    .select({ id: commands.id })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), eq(commands.status, 'planned'), gt(commands.expiresAt, clock.now())))
    .orderBy(asc(commands.ordinal))
  return rows.map((row) => row.id)
}

async function offer(
  context: PortalContext,
  { deviceId, accountId, client }: DeliveryTarget,
  id: string,
): Promise<void> {
  const row = await markOffered(context.db, deviceId, id, context.clock.now())
  if (!row) return
  const answer = await client.call('command.offer', envelopeOf(row))
  const status = answer.kind === 'refused' ? refusedStatus(answer.code) : 'delivered'
  const result = answer.kind === 'refused' ? { error: answer.code } : null
  const step = { deviceId, commandId: id, status, at: context.clock.now(), result, byDevice: true } as const
  const record = await context.db.transaction((tx) => advance(tx, step))
  if (record) context.bus.publish({ kind: 'command.changed', accountId, command: record })
}

function refusedStatus(code: ErrorCode): CommandStatus {
  return code === 'command-expired' ? 'expired' : 'failed'
}

function envelopeOf({ body, id, deviceId, issuedBy, issuedAt, expiresAt }: CommandRow): CommandEnvelope {
  return CommandEnvelope.parse({ ...body, id, deviceId, issuedBy, issuedAt: iso(issuedAt), expiresAt: iso(expiresAt) })
}
