// Changes one's own table of cron through cron's program: the old text is in the journal, so that it can be put back as long as
// nobody else changed it. Never touches a file of cron.
import { createHash, randomUUID } from 'node:crypto'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { toFilePath } from '../../files/path-text.ts'
import type { TreatContext } from '../context.ts'
import type { BadFile } from './autostart/aim.ts'
import { cutTable } from './autostart/cron.ts'
import { shown } from './autostart/entry.ts'
import { lookFor } from './autostart/find.ts'
import type { CrontabPort } from './autostart/own-crontab.ts'
import type { AutostartPort } from './autostart/port.ts'
import type { Tree } from './autostart/tree.ts'
import { cutsOf, storeText } from './entry-copy.ts'

export type CrontabLine = Omit<Extract<TreatmentLine, { kind: 'entry-crontab' }>, 'version' | 'at'>

export interface FoundCrontab {
  readonly port: CrontabPort
  /** Where the system keeps it. */
  readonly place: string
  readonly entries: readonly string[]
  readonly before: Buffer
  readonly after: Buffer
}

const mostBytes = 256 * 1024

/** Undefined where there is none, or none with an entry for the file. */
export async function findInOwnCrontab(
  tree: Tree,
  { crontab: port, homes }: AutostartPort,
  bad: BadFile,
): Promise<FoundCrontab | undefined> {
  const before = await port?.read()
  if (port === undefined || before === undefined || before.length > mostBytes || before.includes(0)) return undefined
  const cut = cutTable(lookFor(tree, homes, bad), before.toString('latin1'), port.user)
  if (cut === undefined) return undefined
  const after = Buffer.from(cut.text, 'latin1')
  return { port, place: `/var/spool/cron/crontabs/${port.user}`, entries: cut.entries.map(shown), before, after }
}

/** The line to journal before anything is done. */
export function crontabLine(
  order: TreatmentOrder,
  { place, before, after }: FoundCrontab,
  acts: string[],
): CrontabLine {
  return {
    kind: 'entry-crontab',
    detectionId: order.detectionId,
    file: toFilePath(Buffer.from(place)),
    before: before.toString('base64'),
    sha256: sha256(after),
    quarantineId: QuarantineId.parse(randomUUID()),
    acts,
    starts: 'cron',
  }
}

/** Throws what the vault throws, ProductError `object-changed` or `io-error`. */
export async function changeCrontab(
  context: TreatContext,
  order: TreatmentOrder,
  { line, found }: { readonly line: CrontabLine; readonly found: FoundCrontab },
): Promise<void> {
  const { quarantineId: id, file: path, acts } = line
  const entry = { way: 'table', starts: 'cron', acts, ...cutsOf(found.before, found.after) } as const
  await storeText(context, order, { id, path, text: found.before }, entry)
  const now = await found.port.read()
  if (now === undefined || !now.equals(found.before)) throw new ProductError('object-changed')
  if (!(await found.port.write(found.after))) throw new ProductError('io-error', 'crontab')
}

/** False when somebody changed it since, or it cannot be written. May be called again. */
export async function undoCrontab({ ports }: TreatContext, line: CrontabLine): Promise<boolean> {
  const { crontab } = ports.autostart
  const before = Buffer.from(line.before, 'base64')
  const now = await crontab?.read()
  if (crontab === undefined || now === undefined) return false
  if (now.equals(before)) return true
  return sha256(now) === line.sha256 && (await crontab.write(before))
}

/** False when it is as it was. */
export async function isCrontabChanged({ ports }: TreatContext, line: CrontabLine): Promise<boolean> {
  const now = await ports.autostart.crontab?.read()
  return now === undefined || !now.equals(Buffer.from(line.before, 'base64'))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
