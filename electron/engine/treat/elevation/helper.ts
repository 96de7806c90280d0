// The helper that runs as administrator for one act on one object, asked for by an app that has not the rights. It is a treater
// like any other, with journals of its own; only the copy is somebody else's: it lies in Quarantine of whoever asks.
// SECURITY: everything in a request is checked again on the open file; system files, ourselves, links and other content are refused.
import { randomUUID } from 'node:crypto'
import { DetectionId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ProtectedReason, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { PendingRecord } from '#shared/files/treatment-lines.ts'
import { hashOf } from '../../files/content.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { toFilePath } from '../../files/path-text.ts'
import { carryOut } from '../carry-out.ts'
import type { TreatContext, TreatPorts } from '../context.ts'
import { forbiddingFlags } from '../obstacles/flags.ts'
import { mountedOver } from '../obstacles/mounted-over.ts'
import type { Answer } from '../obstacles/obstacle.ts'
import { openPending } from '../pending.ts'
import { recoverOne } from '../recover.ts'
import { openTarget } from '../target.ts'
import { openTreatmentLog } from '../treatment-log.ts'
import { openHelperFolders, removeHelperFolder } from './journal-folder.ts'
import { HelperAnswer, HelperRequest, mostRequestBytes } from './request.ts'

export interface HelperOptions {
  /** Root's own folder for journals. */
  readonly base: string
  /** The path that the person was shown when asked for the password. */
  readonly shownPath: string
  readonly ports: Omit<TreatPorts, 'elevation'>
}

/** Answers one request. Expected failures are answers; whatever else happens is a bug. */
export async function answerHelperRequest(text: string, options: HelperOptions): Promise<HelperAnswer> {
  try {
    const request = requestIn(text, options.shownPath)
    if (!options.ports.machine.isRoot) throw new ProductError('needs-administrator')
    return HelperAnswer.parse(await act(request, options))
  } catch (error) {
    const known = asProductError(error)
    if (!(known instanceof ProductError)) throw error
    return { kind: 'refused', code: known.code }
  }
}

/** SECURITY: what is acted on is exactly what the person was shown. */
function requestIn(text: string, shownPath: string): HelperRequest {
  if (Buffer.byteLength(text) > mostRequestBytes) throw new ProductError('too-large')
  const parsed = HelperRequest.safeParse(jsonIn(text))
  if (!parsed.success) throw new ProductError('bad-request')
  const path = toFilePath(Buffer.from(parsed.data.path, 'base64'))
  if (path.text !== shownPath) throw new ProductError('bad-request', 'path')
  return parsed.data
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProductError('bad-request', 'json')
  }
}

async function act(request: HelperRequest, options: HelperOptions): Promise<HelperAnswer> {
  const folders = openHelperFolders(options.base)
  try {
    for (const folder of folders.left) await finishLeft(folder, options)
    const order = orderFor(request)
    return request.verb === 'delete'
      ? await deleteObject(folders.own, order, options)
      : await clear(request, order, options)
  } finally {
    removeHelperFolder(folders.own)
  }
}

/** What an earlier run was cut off in. */
async function finishLeft(folder: string, options: HelperOptions): Promise<void> {
  // A folder has the journal of one order.
  await withContext(folder, options, async (context) => {
    for (const item of context.log.interrupted())
      await recoverOne({ ...context, vault: copyElsewhere(item.order) }, item)
  })
  removeHelperFolder(folder)
}

async function deleteObject(folder: string, order: TreatmentOrder, options: HelperOptions): Promise<HelperAnswer> {
  return withContext(folder, { ...options, copied: order }, async (context) => {
    const outcome = await carryOut(context, order)
    const waiting = context.pending.get(order.detectionId)
    return answerTo(outcome, waiting)
  })
}

async function withContext<T>(
  dataDir: string,
  { ports, copied }: HelperOptions & { readonly copied?: TreatmentOrder },
  use: (context: TreatContext) => Promise<T>,
): Promise<T> {
  const log = openTreatmentLog(dataDir, ports.now)
  const vault = copyElsewhere(copied)
  const pending = openPending(dataDir, vault, ports.now)
  try {
    const nothing = { rescan: () => Promise.resolve(null), recipes: () => [] }
    return await use({ dataDir, vault, ...nothing, ports, log, pending })
  } finally {
    log.close()
    pending.close()
  }
}

/** The copy of the object was made before we were asked; a copy of anything else is nobody's, and what needs one is left. */
function copyElsewhere(order: TreatmentOrder | undefined): TreatContext['vault'] {
  const sha256 = order?.object.identity.sha256
  return {
    put: async ({ metadata }) => {
      if (metadata.identity.sha256 !== sha256) throw new ProductError('backup-failed')
    },
    verify: (_id, wanted) => Promise.resolve(wanted === sha256),
    delete: () => 0,
    hold: () => undefined,
    release: () => undefined,
  }
}

function answerTo(outcome: TreatmentOutcome, waiting: PendingRecord | undefined): HelperAnswer {
  switch (outcome.status) {
    case 'deleted':
      return { kind: 'done', otherLinks: outcome.otherLinks, holders: [] }
    case 'at-restart': {
      const { final, holders = [], reason, module } = waiting ?? {}
      // Without an end of its own the object is still there.
      if (final?.status !== 'deleted') return { kind: 'refused', code: 'in-use' }
      return {
        kind: 'done',
        otherLinks: final.otherLinks,
        holders,
        ...(reason === undefined ? {} : { reason }),
        ...(module === undefined ? {} : { module }),
      }
    }
    case 'protected':
      return { kind: 'refused', code: 'object-protected', protectedBy: outcome.reason as ProtectedReason }
    case 'gone':
      return { kind: 'refused', code: 'object-gone' }
    case 'changed':
      return { kind: 'refused', code: 'object-changed' }
    case 'failed':
    case 'backup-failed':
    case 'kept':
      return { kind: 'refused', code: outcome.code }
    case 'disinfected':
    case 'quarantined':
      return { kind: 'refused', code: 'internal' }
  }
}

/** One obstacle, on the very file, and nothing else: the rest is done by whoever asks. */
async function clear({ verb }: HelperRequest, order: TreatmentOrder, { ports }: HelperOptions): Promise<HelperAnswer> {
  const target = await openTarget(order)
  try {
    const { guard, machine } = ports
    const protectedBy = await guard.check({
      path: target.path,
      md5: () => hashOf(target.fd, 'md5'),
      sha256: () => Promise.resolve(order.object.identity.sha256),
    })
    if (protectedBy !== undefined) return { kind: 'refused', code: 'object-protected', protectedBy }
    const answer: Answer | undefined =
      verb === 'unmount'
        ? mountedOver({ errno: 'EBUSY', target, machine })
        : forbiddingFlags({ errno: 'EPERM', target, machine })
    if (answer?.kind !== 'clear' || answer.act.what === 'folder-flags') return { kind: 'refused', code: 'in-use' }
    answer.clear()
    return { kind: 'done', otherLinks: 0, holders: [] }
  } finally {
    target.close()
  }
}

/** An order like any other. The findings are the business of whoever asks; here they only fill their place. */
function orderFor({ path, identity }: HelperRequest): TreatmentOrder {
  const object: DetectedObject = {
    path: toFilePath(Buffer.from(path, 'base64')),
    identity,
    findings: [{ member: [], threat: '', verdict: 'infected', detector: 'hash' }],
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
  return {
    detectionId: DetectionId.parse(randomUUID()),
    object,
    verb: 'delete',
    origin: { kind: 'local' },
    databaseVersion: '',
  }
}
