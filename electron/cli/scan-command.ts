// `scan PATH...`: runs one scan, prints what is found as it is found, treats it when asked.
// Owns the exit code: 0 nothing found, 1 something found. Failures are thrown.
import { randomUUID } from 'node:crypto'
import { DetectionId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { EngineLink } from '#shared/engine-protocol/engine-link.ts'
import { ProductError } from '#shared/errors.ts'
import { createScanPrinter, type ScanPrinter } from './scan-printer.ts'
import { runScan, scanRoots, workersFor } from './scan-run.ts'
import { type CommandContext, withEngine } from './session.ts'

const origin = { kind: 'local' } as const

export async function scanCommand(context: CommandContext, paths: readonly string[]): Promise<number> {
  const roots = scanRoots(paths)
  const { treat, noCache } = context.options
  return withEngine(context, { workers: workersFor(context, roots), treats: treat }, async (link) => {
    if (treat) await link.client.call('treat.recover', {})
    const info = await link.client.call('engine.info', {})
    const printer = createScanPrinter(context.terminal, context.options.json)
    const treated = createTreatments(link, printer, info.databases.version)
    const finished = await runScan(context, link, {
      paths: roots.map((root) => root.path),
      ignoreCache: noCache,
      onDetected: (objects) => {
        printer.detected(objects)
        if (treat) treated.add(objects)
      },
      onNotScanned: printer.notScanned,
    })
    await treated.done()
    printer.summary(finished, info)
    if (finished.outcome !== 'completed')
      throw new ProductError(finished.outcome === 'stopped' ? 'aborted' : 'internal')
    return finished.counters.found > 0 ? 1 : 0
  })
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
