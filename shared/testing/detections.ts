// A detection that the contract accepts, with what a test is about replaced. Never imported by product code.
import { Detection } from '../domain/detection.ts'

const at = '2026-01-02T03:04:05.000Z'

/** Of a local quick scan, kept for a person to decide; a new id each time. Throws for a change that the contract refuses. */
export function sampleDetection(change: Readonly<Record<string, unknown>> = {}): Detection {
  return Detection.parse({
    id: crypto.randomUUID(),
    rev: 1,
    path: { text: '/home/ann/sample.bin' },
    sha256: 'a'.repeat(64),
    sizeBytes: 68,
    findings: [{ member: [], threat: 'Test.Sample', verdict: 'risky' }],
    threat: 'Test.Sample',
    verdict: 'risky',
    risk: 'low',
    coverage: { kind: 'full' },
    foundAt: at,
    foundBy: { kind: 'local' },
    scanType: 'quick',
    state: 'kept',
    busy: false,
    changedAt: at,
    history: [],
    ...change,
  })
}

/** The same, infected and not acted on yet. */
export function infectedDetection(threat: string, change: Readonly<Record<string, unknown>> = {}): Detection {
  const findings = [{ member: [], threat, verdict: 'infected', detector: 'yara' }]
  return sampleDetection({ findings, threat, verdict: 'infected', risk: 'high', state: 'found', ...change })
}
