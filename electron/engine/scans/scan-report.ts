// What a scan tells: findings and gaps in batches, absolute counters, and progress at most ten times a second.
// Never decides when a scan ends.

import type { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, type ScanCounters, type ScanOutcome } from '#shared/domain/scan.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { Emit } from '#shared/rpc/contract.ts'
import { addCounters } from './done-log.ts'
import type { Estimate } from './estimate.ts'

const batchSize = 100
const maxPathText = 4096

export class ScanReport {
  counters: ScanCounters = noCounters
  readonly #scanId: ScanId
  readonly #emit: Emit<EngineContract>
  #detected: DetectedObject[] = []
  #notScanned: NotScannedObject[] = []
  #lastProgress = ''

  constructor(scanId: ScanId, emit: Emit<EngineContract>) {
    this.#scanId = scanId
    this.#emit = emit
  }

  add(counts: ScanCounters): void {
    this.counters = addCounters(this.counters, counts)
  }

  tell(detected: readonly DetectedObject[], notScanned: readonly NotScannedObject[]): void {
    this.#detected.push(...detected)
    this.#notScanned.push(...notScanned)
    if (this.#detected.length >= batchSize || this.#notScanned.length >= batchSize) this.flush()
  }

  flush(): void {
    const scanId = this.#scanId
    for (const objects of chunks(this.#detected)) this.#emit('scan.detected', { scanId, objects })
    for (const objects of chunks(this.#notScanned)) this.#emit('scan.notScanned', { scanId, objects })
    this.#detected = []
    this.#notScanned = []
  }

  /** Tells the state, unless it is the one told last. */
  progress(estimate: Estimate, currentPath: string): void {
    const progress = { ...estimate, counters: this.counters, currentPath: currentPath.slice(0, maxPathText) }
    const text = JSON.stringify(progress)
    if (text === this.#lastProgress) return
    this.#lastProgress = text
    this.#emit('scan.progress', { scanId: this.#scanId, progress })
  }

  finished(outcome: ScanOutcome, durationMs: number): void {
    this.flush()
    this.#emit('scan.finished', { scanId: this.#scanId, outcome, counters: this.counters, durationMs })
  }
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += batchSize) yield items.slice(at, at + batchSize)
}
