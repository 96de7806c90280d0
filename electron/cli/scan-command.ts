// `scan PATH...`: runs one scan, prints what is found as it is found, treats it when asked.
// Owns the exit code: 0 nothing found, 1 something found. Failures are thrown.
import { randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { FilePath } from '#shared/domain/file-path.ts'
import { DetectionId, ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { EngineLink } from '#shared/engine-protocol/engine-link.ts'
import { ProductError } from '#shared/errors.ts'
import type { EventPayload } from '#shared/rpc/contract.ts'
import { toFilePath } from '../engine/files/path-text.ts'
import { absolutePath } from './raw-arguments.ts'
import { createScanPrinter, type ScanPrinter } from './scan-printer.ts'
import { type CommandContext, withEngine } from './session.ts'

type Finished = EventPayload<EngineContract, 'scan.finished'>

const mostDefaultThreads = 4
const origin = { kind: 'local' } as const

export async function scanCommand(context: CommandContext, paths: readonly string[]): Promise<number> {
  const roots = paths.map(existing)
  const oneFile = roots.length === 1 && roots[0]?.isFile === true
  const workers = context.options.threads ?? (oneFile ? 1 : Math.min(mostDefaultThreads, availableParallelism()))
  const { treat } = context.options
  return withEngine(context, { workers, treats: treat }, async (link) => {
    if (treat) await link.client.call('treat.recover', {})
    const info = await link.client.call('engine.info', {})
    const printer = createScanPrinter(context.terminal, context.options.json)
    const treated = createTreatments(link, printer, info.databases.version)
    const finished = await runScan(context, link, {
      paths: roots.map((root) => root.path),
      onDetected: (objects) => {
        printer.detected(objects)
        if (treat) treated.add(objects)
      },
      printer,
    })
    await treated.done()
    printer.summary(finished, info.databases)
    if (finished.outcome !== 'completed')
      throw new ProductError(finished.outcome === 'stopped' ? 'aborted' : 'internal')
    return finished.counters.found > 0 ? 1 : 0
  })
}

interface ScanJob {
  readonly paths: readonly FilePath[]
  readonly onDetected: (objects: readonly DetectedObject[]) => void
  readonly printer: ScanPrinter
}

/** Starts the scan and waits for its end; an interruption stops it. */
async function runScan(context: CommandContext, link: EngineLink, job: ScanJob): Promise<Finished> {
  const { client } = link
  const scanId = ScanId.parse(randomUUID())
  client.on('scan.progress', ({ progress }) => context.terminal.progress(progress))
  client.on('scan.detected', ({ objects }) => job.onDetected(objects))
  client.on('scan.notScanned', ({ objects }) => job.printer.notScanned(objects))
  const finished = new Promise<Finished>((resolve) => {
    client.on('scan.finished', resolve)
  })
  await client.call('scan.start', {
    scanId,
    area: { kind: 'paths', paths: [...job.paths] },
    options: {
      exclude: context.options.exclude.map((each) => toFilePath(absolutePath(each))),
      loadCeilingPercent: 100,
    },
    expectedFiles: 0,
    resume: false,
    ignoreCache: false,
  })
  const stop = () => void client.call('scan.control', { scanId, action: 'stop' }).catch(() => undefined)
  // The interruption may have come while the scan was being started.
  if (context.interrupted.aborted) stop()
  else context.interrupted.addEventListener('abort', stop)
  return finished
}

/** Treats found objects one after the other while the scan goes on. */
function createTreatments(link: EngineLink, printer: ScanPrinter, databaseVersion: string) {
  let last: Promise<void> = Promise.resolve()
  async function treatOne(object: DetectedObject): Promise<void> {
    const decision = decide(object, defaultTreatmentSettings, origin)
    if (decision.kind !== 'treat') return printer.kept(object)
    const detectionId = DetectionId.parse(randomUUID())
    const order = {
      detectionId,
      object: { ...object, findings: [...decision.findings] },
      verb: decision.verb,
      origin,
      databaseVersion,
    }
    printer.treated(object, await link.client.call('treat.object', order))
  }
  return {
    add: (objects: readonly DetectedObject[]) => {
      for (const object of objects) last = last.then(() => treatOne(object))
      // Awaited in done(); until then a failure is no unhandled rejection.
      last.catch(() => undefined)
    },
    done: () => last,
  }
}

/** SECURITY: the path as bytes, so that no name can point elsewhere than it says. */
function existing(argument: string): { readonly path: FilePath; readonly isFile: boolean } {
  const bytes = absolutePath(argument)
  try {
    return { path: toFilePath(bytes), isFile: lstatSync(bytes).isFile() }
  } catch (error) {
    throw new ProductError('not-found', toFilePath(bytes).text, { cause: error })
  }
}
