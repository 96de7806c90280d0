// From a content over the scanner's report and the policy's decision to the act, for tests: a file of a lab is scanned with
// the real scanner and treated as decided, and its cured form is looked at by the same scanner.
import { existsSync, fstatSync, readFileSync } from 'node:fs'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings, type TreatmentSettings } from '#shared/domain/policy.ts'
import type { TreatmentOutcome, TreatmentVerb } from '#shared/domain/treatment.ts'
import { Lab as ScanLab } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { readAt } from '../../walk/file-reader.ts'
import { createLab, type Lab, type LabOptions } from './treatment-lab.ts'

export interface Act {
  readonly settings?: Partial<TreatmentSettings>
  /** A person's order instead of the policy's. */
  readonly verb?: TreatmentVerb
  readonly scanner?: Scanner
  readonly lab?: LabOptions
  /** Default: `object`. */
  readonly name?: string
  /** Called between the scan and the treatment. */
  readonly between?: (file: string) => Promise<void> | void
}

export interface Acted {
  readonly object: DetectedObject
  readonly outcome: TreatmentOutcome
  /** Null: the file is gone. */
  readonly after: Buffer | null
  readonly copies: number
  readonly lab: Lab
}

export interface ScannedLab {
  readonly scans: ScanLab
  begin(): Promise<void>
  act(content: Buffer, options?: Act): Promise<Acted>
  afterEach(): void
  dispose(): void
}

/** With the seed databases, unless an act brings its own scanner. */
export function createScannedLab(): ScannedLab {
  const scans = new ScanLab()
  const labs: Lab[] = []
  let scanner: Scanner | undefined
  return {
    scans,
    begin: async () => {
      scanner = await scans.scanner()
    },
    act: async (content, { settings, verb, scanner: other, lab: options, name = 'object', between } = {}) => {
      const used = other ?? scanner
      if (used === undefined) throw new Error('begin was not called')
      const rescan = (fd: number) => used.scanBuffer(readAt(fd, 0, fstatSync(fd).size), 'cured')
      const lab = createLab({ rescan, ...options })
      labs.push(lab)
      const file = lab.write(name, content)
      const seen = await used.scanFile(Buffer.from(file))
      if (seen.kind !== 'detected') throw new Error('nothing found')
      const decision = decide(seen.object, { ...defaultTreatmentSettings, ...settings }, { kind: 'local' })
      if (decision.kind !== 'treat') throw new Error(decision.kind)
      const object = { ...seen.object, findings: [...decision.findings] }
      const order = { ...(await lab.order(file)), object, verb: verb ?? decision.verb }
      await between?.(file)
      const outcome = await lab.treater.treat(order)
      const after = existsSync(file) ? readFileSync(file) : null
      return { object, outcome, after, copies: lab.vault.list().length, lab }
    },
    afterEach: () => {
      for (const made of labs.splice(0)) made.remove()
    },
    dispose: () => scans.dispose(),
  }
}
