// The helper that runs as administrator for one act on one object, asked for by an app that has not the rights. It is a treater
// like any other, with journals of its own; only the copy is somebody else's: it lies in Quarantine of whoever asks.
// SECURITY: everything in a request is checked again on the open file; system files, ourselves, links and other content are refused.
import { randomUUID } from 'node:crypto'
import { DetectionId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { ProtectedReason, TreatmentActs, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { PendingRecord } from '#shared/files/treatment-lines.ts'
import { hashOf } from '../../files/content.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { toFilePath } from '../../files/path-text.ts'
import { carryOut } from '../carry-out.ts'
import { StepAborted, type TreatContext, type TreatPorts, Unfinished } from '../context.ts'
import { forbiddingFlags } from '../obstacles/flags.ts'
import { mountedOver } from '../obstacles/mounted-over.ts'
import { putBackCleared } from '../obstacles/put-back.ts'
import { openPending } from '../pending.ts'
import { undoOne } from '../recover.ts'
import { openTarget, type Target } from '../target.ts'
import { openTreatmentLog } from '../treatment-log.ts'
import { openHelperFolders, removeHelperFolder } from './journal-folder.ts'
import { type Answered, HelperAnswer, HelperRequest, mostRequestBytes, onlyAnswer } from './request.ts'

export interface HelperOptions {
  /** Root's own folder for journals. */
  readonly base: string
  /** The path that the person was shown when asked for the password. */
  readonly shownPath: string
  readonly ports: Omit<TreatPorts, 'elevation'>
}

/** Answers one request. Expected failures are answers; whatever else happens is a bug. */
export async function answerHelperRequest(text: string, options: HelperOptions): Promise<Answered> {
  try {
    const request = requestIn(text, options.shownPath)
    if (!options.ports.machine.isRoot) throw new ProductError('needs-administrator')
    const { answer, release } = await act(request, options)
    return { answer: HelperAnswer.parse(answer), release }
  } catch (error) {
    const known = asProductError(error)
    if (error instanceof Unfinished) return onlyAnswer({ kind: 'refused', code: 'unfinished' })
    if (error instanceof Guarded)
      return onlyAnswer({ kind: 'refused', code: 'object-protected', protectedBy: error.protectedBy })
    if (!(known instanceof ProductError)) throw error
    return onlyAnswer({ kind: 'refused', code: known.code })
  }
}

/** The guard of system files refuses. */
class Guarded extends ProductError {
  readonly protectedBy: ProtectedReason

  constructor(protectedBy: ProtectedReason) {
    super('object-protected')
    this.protectedBy = protectedBy
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

async function act(request: HelperRequest, options: HelperOptions): Promise<Answered> {
  const folders = openHelperFolders(options.base)
  for (const folder of folders.left) await undoLeft(folder, options)
  const order = orderFor(request)
  if (request.verb === 'clear-flags') return clearFlags(folders.own, order, options)
  const answer = await orRemoved(folders.own, () =>
    request.verb === 'delete' ? deleteObject(folders.own, order, options) : unmount(order, options),
  )
  removeHelperFolder(folders.own)
  return onlyAnswer(answer)
}

/** A folder whose order is over goes. One that stays open keeps its journal, for a later run. */
async function orRemoved<T>(folder: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof StepAborted)) removeHelperFolder(folder)
    throw error
  }
}

/**
 * What an earlier run was cut off in is taken back, and nothing else: nobody agreed to it now, and whoever asked then may have no
 * copy any more. What cannot be taken back now keeps its journal.
 */
async function undoLeft(folder: string, options: HelperOptions): Promise<void> {
  try {
    // A folder has the journal of one order.
    await withContext(folder, options, async (context) => {
      for (const item of context.log.interrupted()) await undoOne(context, item)
    })
    removeHelperFolder(folder)
  } catch (error) {
    const isExpected = error instanceof Unfinished || asProductError(error) instanceof ProductError
    if (!isExpected) throw error
  }
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
      return { kind: 'done', otherLinks: outcome.otherLinks, holders: [], ...actsIn(outcome) }
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
        ...actsIn(outcome),
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

function actsIn({ acts }: Extract<TreatmentOutcome, { status: 'deleted' | 'at-restart' }>): { acts?: TreatmentActs } {
  return acts === undefined ? {} : { acts }
}

const cleared: HelperAnswer = { kind: 'done', otherLinks: 0, holders: [] }

/** The mount on the very file, and nothing else: the rest is done by whoever asks. */
function unmount(order: TreatmentOrder, { ports }: HelperOptions): Promise<HelperAnswer> {
  return onTarget(order, ports, (target) => {
    const { machine } = ports
    const answer = mountedOver({ errno: 'EBUSY', target, machine })
    if (answer?.kind !== 'clear') throw new ProductError('in-use')
    answer.clear()
    return cleared
  })
}

/** The flags of the very file. It gets them back when nobody needs us any more, if it is still there by then. */
async function clearFlags(folder: string, order: TreatmentOrder, { ports }: HelperOptions): Promise<Answered> {
  const { machine, now } = ports
  const { detectionId } = order
  return orRemoved(folder, () =>
    onTarget(order, ports, (target) => {
      const answer = forbiddingFlags({ errno: 'EPERM', target, machine })
      if (answer?.kind !== 'clear' || answer.act.what !== 'file-flags') throw new ProductError('in-use')
      const log = openTreatmentLog(folder, now)
      log.add({ kind: 'intent', detectionId, order })
      log.add({ kind: 'clearing', detectionId, act: answer.act })
      log.close()
      answer.clear()
      const release = async (): Promise<void> => {
        await putBackCleared(machine, order, [answer.act])
        removeHelperFolder(folder)
      }
      return { answer: cleared, release }
    }),
  )
}

/** Opened, checked, and none that the guard knows. */
async function onTarget<T>(
  order: TreatmentOrder,
  { guard }: HelperOptions['ports'],
  use: (target: Target) => T,
): Promise<T> {
  const target = await openTarget(order)
  try {
    const protectedBy = await guard.check({
      path: target.path,
      md5: () => hashOf(target.fd, 'md5'),
      sha256: () => Promise.resolve(order.object.identity.sha256),
    })
    if (protectedBy !== undefined) throw new Guarded(protectedBy)
    return use(target)
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
