// Commands as their owner handles them: asked for, listed, cancelled, ended by expiry. A command asked for twice under one
// id is one command. Owns the rules of their life; rows are in command-store.ts, delivery in gateway/.
import { and, desc, eq, lt, notInArray } from 'drizzle-orm'
import { canonicalJson, type JsonValue } from '#shared/crypto/canonical-json.ts'
import { type CommandBody, type CommandRecord, commandLifetimeMs } from '#shared/domain/command.ts'
import { ProductError } from '#shared/errors.ts'
import type { SignedIn } from '../accounts/sessions.ts'
import { iso, plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import { groupIds, isStoredAct } from '../detections/detection-acts.ts'
import { isOnline } from '../devices/device-cards.ts'
import { type Devices, findDevice, lockDevice, stateOf } from '../devices/device-service.ts'
import type { Database } from '../storage/database.ts'
import { commands } from '../storage/schema.ts'
import { checkAmount, currentCommand } from './command-rules.ts'
import { advance, expireDue, isUnanswered, toRecord } from './command-store.ts'

export const historyMs = 90 * 24 * 3_600_000

type GroupAction = 'process' | 'copy-to-quarantine' | 'skip' | 'delete'

export interface Commands {
  list(
    accountId: string,
    deviceId: string,
    page: { limit: number; before?: string | undefined },
  ): Promise<CommandRecord[]>
  create(who: SignedIn, deviceId: string, id: string, body: CommandBody): Promise<CommandRecord>
  actOnGroup(who: SignedIn, deviceId: string, id: string, action: GroupAction): Promise<CommandRecord>
  cancel(accountId: string, deviceId: string, commandId: string): Promise<CommandRecord>
  /** Ends what has expired and tells the pages. */
  expire(): Promise<void>
  forgetOld(): Promise<void>
}

export function createCommands(context: PortalContext, devices: Devices): Commands {
  const { db, clock, bus } = context
  const service: Commands = {
    list: async (accountId, deviceId, { limit, before }) => {
      await findDevice(db, accountId, deviceId)
      await service.expire()
      const mine = eq(commands.deviceId, deviceId)
      const rows = await db
        .select()
        .from(commands)
        .where(before === undefined ? mine : and(mine, lt(commands.issuedAt, new Date(before))))
        .orderBy(desc(commands.issuedAt), desc(commands.ordinal))
        .limit(limit)
      return rows.map(toRecord)
    },
    create: (who, deviceId, id, body) =>
      store(
        context,
        { who, deviceId, id, sameAs: (earlier) => sameBody(earlier, body) || isStoredAct(earlier, body) },
        (tx, target) => currentCommand(tx, target, body, clock.now()),
        devices,
      ),
    actOnGroup: (who, deviceId, id, action) =>
      store(
        context,
        { who, deviceId, id, sameAs: (earlier) => isAct(earlier, action) },
        async (tx) => {
          await checkAmount(tx, deviceId, clock.now())
          return { kind: 'detections.act', args: { action, ids: await groupIds(tx, deviceId) } }
        },
        devices,
      ),
    cancel: async (accountId, deviceId, commandId) => {
      const record = await db.transaction(async (tx) => {
        await lockDevice(tx, accountId, deviceId)
        const mine = and(eq(commands.deviceId, deviceId), eq(commands.id, commandId))
        const [row] = await tx.select().from(commands).where(mine).for('update')
        if (!row) throw new ProductError('not-found')
        if (row.status === 'cancelled') return toRecord(row)
        const planned = row.status === 'planned' && row.expiresAt > clock.now() && !isUnanswered(row)
        const step = { deviceId, commandId, status: 'cancelled', at: clock.now() } as const
        const changed = planned ? await advance(tx, step) : undefined
        if (!changed) throw new ProductError('not-cancellable')
        return changed
      })
      bus.publish({ kind: 'command.changed', accountId, command: record })
      return record
    },
    expire: async () => {
      for (const ended of await expireDue(db, clock.now())) bus.publish({ kind: 'command.changed', ...ended })
    },
    forgetOld: async () => {
      const old = lt(commands.issuedAt, plus(clock.now(), -historyMs))
      await db.delete(commands).where(and(old, notInArray(commands.status, ['planned', 'delivered', 'running'])))
    },
  }
  return service
}

interface NewCommand {
  readonly who: SignedIn
  readonly deviceId: string
  readonly id: string
  /** Is the command stored under this id the one that is asked for again. */
  readonly sameAs: (earlier: CommandBody) => boolean
}

type MakeBody = (tx: Database, target: Parameters<typeof currentCommand>[1]) => Promise<CommandBody>

async function store(
  context: PortalContext,
  wanted: NewCommand,
  makeBody: MakeBody,
  devices: Devices,
): Promise<CommandRecord> {
  const { db, clock, bus } = context
  const { who, deviceId, id } = wanted
  const { record, isNew } = await db.transaction(async (tx) => {
    const device = await lockDevice(tx, who.accountId, deviceId)
    const [earlier] = await tx
      .select()
      .from(commands)
      .where(and(eq(commands.deviceId, deviceId), eq(commands.id, id)))
    if (earlier) {
      if (!wanted.sameAs(earlier.body)) throw new ProductError('command-duplicate')
      return { record: toRecord(earlier), isNew: false }
    }
    const now = clock.now()
    const target = { deviceId, online: isOnline(device, now), state: stateOf(device, devices.live) }
    const body = await makeBody(tx, target)
    return { record: await insert(tx, wanted, body, now), isNew: true }
  })
  if (isNew) {
    bus.publish({ kind: 'command.changed', accountId: who.accountId, command: record })
    bus.publish({ kind: 'command.planned', deviceId })
  }
  return record
}

async function insert(
  tx: Database,
  { who, deviceId, id }: NewCommand,
  body: CommandBody,
  now: Date,
): Promise<CommandRecord> {
  const [row] = await tx
    .insert(commands)
    .values({
      deviceId,
      id,
      kind: body.kind,
      body,
      issuedBy: who.email,
      issuedAt: now,
      expiresAt: plus(now, commandLifetimeMs),
      status: 'planned',
      times: [{ status: 'planned', at: iso(now) }],
      progress: null,
      result: null,
    })
    .returning()
  if (!row) throw new ProductError('internal')
  return toRecord(row)
}

function sameBody(a: CommandBody, b: CommandBody): boolean {
  return canonicalJson(a as JsonValue) === canonicalJson(b as JsonValue)
}

function isAct(body: CommandBody, action: GroupAction): boolean {
  return body.kind === 'detections.act' && body.args.action === action
}
