// What a scan prints: JSON lines for programs (docs: design.md 5), sentences for people. Nothing is ever called clean.
// Owns the form only.
import type { DetectedObject, NotScannedObject, RuleInfo } from '#shared/domain/object-report.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { EngineContract, EngineInfo } from '#shared/engine-protocol/engine-contract.ts'
import type { EventPayload } from '#shared/rpc/contract.ts'
import { harmless, type Terminal } from './terminal.ts'

type Finished = EventPayload<EngineContract, 'scan.finished'>

export interface ScanPrinter {
  detected(objects: readonly DetectedObject[]): void
  notScanned(objects: readonly NotScannedObject[]): void
  treated(object: DetectedObject, outcome: TreatmentOutcome): void
  /** The policy left it alone. */
  kept(object: DetectedObject): void
  summary(finished: Finished, info: EngineInfo): void
}

export function createScanPrinter(terminal: Terminal, json: boolean): ScanPrinter {
  return json ? jsonPrinter(terminal) : textPrinter(terminal)
}

function jsonPrinter(terminal: Terminal): ScanPrinter {
  const print = (line: object) => terminal.print(JSON.stringify(line))
  let findings = 0
  return {
    detected: (objects) => {
      for (const { path, coverage, findings: found } of objects) {
        for (const { member, threat, verdict, detector, rule } of found) {
          findings += 1
          print({
            type: 'finding',
            path: path.text,
            member,
            threat,
            verdict,
            engine: detector,
            coverage,
            ...(rule && { rule }),
          })
        }
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason } of objects) print({ type: 'notScanned', path: path.text, member, reason })
    },
    treated: ({ path }, outcome) => print({ type: 'treated', path: path.text, outcome }),
    kept: ({ path }) => print({ type: 'treated', path: path.text, outcome: { status: 'kept' } }),
    summary: ({ counters, durationMs }, { databases, secondEngine }) => {
      const { objects, files, bytes, notScanned } = counters
      const clamav = secondEngine.state === 'off' ? {} : { clamav: secondEngine.version }
      const used = { databases: databases.version, ...clamav }
      print({ type: 'summary', objects, files, bytes, findings, notScanned, durationMs, ...used })
    },
  }
}

function textPrinter(terminal: Terminal): ScanPrinter {
  return {
    detected: (objects) => {
      for (const { path, findings } of objects) {
        for (const { member, threat, verdict, detector, rule } of findings) {
          terminal.print(
            `FOUND        ${place(path.text, member)}: ${harmless(threat)} (${verdict}, ${detector}${credit(rule)})`,
          )
        }
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason } of objects)
        terminal.print(`NOT SCANNED  ${place(path.text, member)}: ${reason}`)
    },
    treated: ({ path }, outcome) => terminal.print(`TREATED      ${path.text}: ${outcomeText(outcome)}`),
    kept: ({ path }) => terminal.print(`KEPT         ${path.text}: not certain enough to be treated automatically`),
    summary: ({ counters, durationMs, outcome }, { databases, secondEngine }) => {
      const { objects, files, bytes, found, notScanned } = counters
      terminal.print('')
      terminal.print(
        `${outcome === 'completed' ? 'Scan finished' : `Scan ${outcome}`}: ${found === 0 ? 'nothing found' : `${found} found`}`,
      )
      terminal.print(`${files} files, ${objects} objects, ${bytes} bytes, ${notScanned} not or not wholly scanned`)
      terminal.print(
        `${(durationMs / 1000).toFixed(1)} s; databases ${databases.version}, released ${databases.releasedAt}`,
      )
      if (secondEngine.state === 'ready') terminal.print(`ClamAV was asked too: ${secondEngine.version}`)
      if (secondEngine.state === 'unavailable') terminal.print('ClamAV was to be asked too, and did not answer')
    },
  }
}

function place(path: string, member: readonly string[]): string {
  return [path, ...member.map(harmless)].join('!')
}

/** Who made the rule and where it is explained: rule licences ask for it. */
function credit(rule: RuleInfo | undefined): string {
  const author = rule?.author === undefined ? '' : `, rule by ${harmless(rule.author)}`
  return rule?.reference === undefined ? author : `${author}, ${harmless(rule.reference)}`
}

function outcomeText(outcome: TreatmentOutcome): string {
  if ('code' in outcome) return `${outcome.status} (${outcome.code})`
  if ('reason' in outcome) return `${outcome.status} (${outcome.reason})`
  if ('holder' in outcome) return `${outcome.status} (${harmless(outcome.holder)})`
  return outcome.status
}
