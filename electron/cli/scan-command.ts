// `scan PATH...`: runs one scan, prints what is found as it is found, treats it when asked.
// Owns the exit code; failures that end it are thrown.
import { randomUUID } from 'node:crypto'
import type { FilePath } from '#shared/domain/file-path.ts'
import { DetectionId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { EngineLink } from '#shared/engine-protocol/engine-link.ts'
import { ProductError } from '#shared/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { tellProblem } from './problems.ts'
import { createScanPrinter, type ScanPrinter } from './scan-printer.ts'
import { excludedPaths, type FinishedScan, runScan, type ScanRoot, scanRoots, workersFor } from './scan-run.ts'
import { type CommandContext, withEngine } from './session.ts'

const origin = { kind: 'local' } as const

/** A path of the line that is missing does not keep the others from being scanned. */
export async function scanCommand(context: CommandContext, paths: readonly string[]): Promise<number> {
  const { roots, unusable } = scanRoots(paths)
  const exclude = excludedPaths(context)
  const { treat, noCache, json } = context.options
  for (const { error, bytes } of unusable) tellProblem(context.terminal, json, error, bytes)
  if (roots.length === 0) return exitCodes.error
  return withEngine(context, { workers: workersFor(context, roots), treats: treat }, async (link) => {
    if (treat) await link.client.call('treat.recover', {})
    const info = await link.client.call('engine.info', {})
    const printer = createScanPrinter(context.terminal, json)
    const treated = createTreatments(link, printer, info.databases.version)
    const named = namedGaps(roots)
    printer.excluded(exclude)
    const finished = await runScan(context, link, {
      paths: roots.map((root) => root.path),
      exclude,
      ignoreCache: noCache,
      onDetected: (objects) => {
        printer.detected(objects)
        if (treat) treated.add(objects)
      },
      onNotScanned: (objects) => {
        printer.notScanned(objects)
        named.add(objects)
      },
    })
    await treated.done()
    const { outcome } = finished
    if (outcome !== 'completed')
      tellProblem(context.terminal, json, new ProductError(outcome === 'stopped' ? 'aborted' : 'internal'))
    printer.summary(finished, info)
    if (outcome !== 'completed' || unusable.length > 0) return exitCodes.error
    return exitCodeOf(finished.counters, context.options.strict || named.any())
  })
}

/** `strict`: what was not wholly scanned counts. */
function exitCodeOf({ found, notScanned }: FinishedScan['counters'], strict: boolean): number {
  if (found > 0) return exitCodes.found
  return strict && notScanned > 0 ? exitCodes.gaps : exitCodes.nothing
}

/** Whether any of the paths of the line was itself not scanned. */
function namedGaps(roots: readonly ScanRoot[]) {
  const key = ({ text, bytes }: FilePath) => bytes ?? text
  const named = new Set(roots.map(({ path }) => key(path)))
  let any = false
  return {
    add: (objects: readonly NotScannedObject[]) => {
      any ||= objects.some(({ path, member, partial }) => !partial && member.length === 0 && named.has(key(path)))
    },
    any: () => any,
  }
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
