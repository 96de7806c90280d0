// The portal's tables, one PostgreSQL dialect for the embedded and the real database. Owns names, types and indexes.
// What devices and people wrote freely lies in `json` columns: `jsonb` and `text` refuse a NUL character.
import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { CommandBody, CommandRecord, CommandResult, CommandStatus } from '#shared/domain/command.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { DeviceState } from '#shared/domain/device.ts'
import type { ScanProgress } from '#shared/domain/scan.ts'
import type { MailPurpose } from '../mail/messages.ts'

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })

/** Values the server made once for itself. */
export const settings = pgTable('settings', { key: text('key').primaryKey(), value: text('value').notNull() })

export const accounts = pgTable('accounts', {
  id: uuid('id').primaryKey(),
  /** Lower case. */
  email: text('email').notNull().unique(),
  salt: text('salt').notNull(),
  proofHash: text('proof_hash').notNull(),
  /** Hashes of the passwords before, newest first. */
  earlierHashes: json('earlier_hashes').$type<string[]>().notNull(),
  createdAt: moment('created_at').notNull(),
  passwordChangedAt: moment('password_changed_at').notNull(),
})

export type LinkPurpose = 'create' | 'reset' | 'activate'

export const links = pgTable(
  'links',
  {
    /** SHA-256 of the token; the token itself is only in the message. */
    tokenHash: text('token_hash').primaryKey(),
    purpose: text('purpose').$type<LinkPurpose>().notNull(),
    email: text('email').notNull(),
    /** Of a sign-up that waits for its activation. */
    proofHash: text('proof_hash'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('links_email').on(table.email)],
)

export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    tokenHash: text('token_hash').notNull().unique(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('sessions_account').on(table.accountId)],
)

export const signInAttempts = pgTable('sign_in_attempts', {
  /** Keyed hash of an e-mail address or a network address. */
  key: text('key').primaryKey(),
  failures: integer('failures').notNull(),
  lastAt: moment('last_at').notNull(),
  blockedUntil: moment('blocked_until').notNull(),
})

export type MailStatus = 'queued' | 'sent' | 'failed' | 'dropped'

export const mailOutbox = pgTable(
  'mail_outbox',
  {
    id: uuid('id').primaryKey(),
    recipient: text('recipient').notNull(),
    purpose: text('purpose').$type<MailPurpose>().notNull(),
    subject: text('subject').notNull(),
    /** Emptied once the message is sent: it carries a link. */
    text: text('text').notNull(),
    html: text('html').notNull(),
    status: text('status').$type<MailStatus>().notNull(),
    attempts: integer('attempts').notNull(),
    nextAttemptAt: moment('next_attempt_at').notNull(),
    createdAt: moment('created_at').notNull(),
    lastError: text('last_error'),
  },
  (table) => [
    index('mail_outbox_due').on(table.nextAttemptAt).where(sql`${table.status} = 'queued'`),
    index('mail_outbox_recipient').on(table.recipient, table.createdAt),
  ],
)

export type DeviceEnd = 'device-removed' | 'left' | 'password-reset' | 'account-deleted'

export const devices = pgTable(
  'devices',
  {
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    publicKey: text('public_key').notNull(),
    installationId: uuid('installation_id').notNull(),
    name: text('name').notNull(),
    enrolled: json('enrolled').$type<{ os: string; appVersion: string }>().notNull(),
    connectedAt: moment('connected_at').notNull(),
    /** Why the device may not connect any more; null: it may. */
    ended: text('ended').$type<DeviceEnd>(),
    cloned: boolean('cloned').notNull(),
    online: boolean('online').notNull(),
    lastContactAt: moment('last_contact_at'),
    state: json('state').$type<DeviceState>(),
    outboxEpoch: uuid('outbox_epoch'),
    outboxSeq: bigint('outbox_seq', { mode: 'number' }).notNull(),
  },
  (table) => [
    uniqueIndex('devices_account_key').on(table.accountId, table.publicKey),
    index('devices_online').on(table.lastContactAt).where(sql`${table.online}`),
  ],
)

const deviceId = () =>
  uuid('device_id')
    .notNull()
    .references(() => devices.id, { onDelete: 'cascade' })

export const commands = pgTable(
  'commands',
  {
    deviceId: deviceId(),
    /** Made by the page; unique within its device only, so that one account cannot probe another's. */
    id: uuid('id').notNull(),
    ordinal: bigserial('ordinal', { mode: 'number' }).notNull(),
    kind: text('kind').$type<CommandBody['kind']>().notNull(),
    body: json('body').$type<CommandBody>().notNull(),
    issuedBy: text('issued_by').notNull(),
    issuedAt: moment('issued_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    status: text('status').$type<CommandStatus>().notNull(),
    /** A planned command that was offered may have been accepted: it cannot be cancelled until the device is heard. */
    offeredAt: moment('offered_at'),
    /** Epoch of the outbox in which the device last told of it. */
    heardEpoch: uuid('heard_epoch'),
    /** Ended here without the device having been heard: what the device tells of its work is truer. */
    unconfirmed: boolean('unconfirmed').notNull().default(false),
    times: json('times').$type<CommandRecord['times']>().notNull(),
    progress: json('progress').$type<ScanProgress>(),
    result: json('result').$type<CommandResult>(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.id] }),
    index('commands_history').on(table.deviceId, table.issuedAt),
    index('commands_open').on(table.expiresAt).where(sql`${table.status} in ('planned', 'delivered', 'running')`),
  ],
)

export const detections = pgTable(
  'detections',
  {
    deviceId: deviceId(),
    id: uuid('id').notNull(),
    rev: bigint('rev', { mode: 'number' }).notNull(),
    /** Epoch of the outbox in which the device last told of it. */
    epoch: uuid('epoch').notNull(),
    state: text('state').$type<Detection['state']>().notNull(),
    unprocessed: boolean('unprocessed').notNull(),
    risk: text('risk').$type<Detection['risk']>().notNull(),
    foundBy: text('found_by').notNull(),
    foundAt: moment('found_at').notNull(),
    body: json('body').$type<Detection>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.id] }),
    index('detections_list').on(table.deviceId, table.foundAt),
    index('detections_unprocessed').on(table.deviceId).where(sql`${table.unprocessed}`),
  ],
)
