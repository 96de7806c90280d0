// The result of one file in the form that the engine's callers get. Pure.
import type { ObjectScanResult } from '#shared/engine-protocol/engine-contract.ts'
import type { FileScanResult } from '../scanner.ts'

export function objectScanResult(result: FileScanResult): ObjectScanResult {
  if (result.kind === 'detected') return { kind: 'detected', object: result.object }
  if (result.kind === 'not-scanned') return { kind: 'not-scanned', reason: result.reason }
  const { coverage } = result
  if (coverage.kind === 'none') return { kind: 'not-scanned', reason: coverage.reason }
  return { kind: 'nothing-found', partial: coverage.kind === 'partial' ? coverage.reasons : [] }
}
