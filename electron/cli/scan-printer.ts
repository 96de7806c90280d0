// What a scan prints: JSON lines for programs, sentences for people. Nothing is ever called clean, and what was left out
// stands beside what was found. Owns the form only.
import { excludedText, gapReasonText, leftOut, leftOutParts } from '#shared/domain/left-out-text.ts'
import type { DetectedObject, Finding, NotScannedObject, RuleInfo } from '#shared/domain/object-report.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { unkeptText } from '#shared/domain/unkept-text.ts'
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
  let inPart = 0
  return {
    detected: (objects) => {
      for (const { path, coverage, findings: found, findingsComplete } of objects) {
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
            findingsComplete,
            ...(rule && { rule }),
          })
        }
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason, partial, more } of objects) {
        if (partial) inPart += 1
        print({ type: 'notScanned', path: path.text, member, reason, partial, ...(more && { more }) })
      }
    },
    treated: ({ path }, outcome) => print({ type: 'treated', path: path.text, outcome }),
    kept: ({ path }) => print({ type: 'treated', path: path.text, outcome: { status: 'kept' } }),
    summary: ({ counters, durationMs }, { databases, secondEngine }) => {
      const { objects, files, bytes, notScanned, excluded } = counters
      const clamav = secondEngine.state === 'off' ? {} : { clamav: secondEngine.version }
      const used = { databases: databases.version, ...clamav }
      const gaps = { notScanned, partial: inPart, excluded }
      print({ type: 'summary', objects, files, bytes, findings, ...gaps, durationMs, ...used })
    },
  }
}

function textPrinter(terminal: Terminal): ScanPrinter {
  let inPart = 0
  return {
    detected: (objects) => {
      for (const { path, findings, findingsComplete } of objects) {
        for (const finding of findings) terminal.print(`FOUND        ${findingText(path.text, finding)}`)
        if (!findingsComplete) terminal.print(`FOUND        ${path.text}: and more that is not listed`)
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason, partial, more } of objects) {
        if (partial) inPart += 1
        const gap = partial ? 'IN PART      ' : 'NOT SCANNED  '
        terminal.print(`${gap}${place(path.text, member)}: ${gapReasonText(reason)}`)
        if (more !== undefined) terminal.print(`NOT SCANNED  ${path.text}: and ${more} more in it`)
      }
    },
    treated: ({ path }, outcome) => {
      terminal.print(`TREATED      ${path.text}: ${outcomeText(outcome)}`)
      for (const line of actLines(outcome)) terminal.print(line)
    },
    kept: ({ path }) => terminal.print(`KEPT         ${path.text}: not certain enough to be treated automatically`),
    summary: (finished, info) => {
      for (const line of summaryLines(finished, info, inPart)) terminal.print(line)
    },
  }
}

function summaryLines(
  { counters, durationMs, outcome }: Finished,
  { databases, secondEngine }: EngineInfo,
  inPart: number,
): string[] {
  const { objects, files, bytes, found, notScanned, excluded } = counters
  const gaps = leftOutParts(leftOut({ notScanned, excluded: 0 }, inPart))
  const end = outcome === 'completed' ? 'Scan finished' : `Scan ${outcome}`
  return [
    '',
    `${end}: ${[found === 0 ? 'nothing found' : `${found} found`, ...gaps].join(', ')}`,
    ...(excluded === 0 ? [] : [excludedText(excluded)]),
    `${files} files, ${objects} objects, ${bytes} bytes in ${(durationMs / 1000).toFixed(1)} s`,
    `Databases ${databases.version}, released ${databases.releasedAt}`,
    ...(secondEngine.state === 'ready' ? [`ClamAV was asked too: ${secondEngine.version}`] : []),
    ...(secondEngine.state === 'unavailable' ? ['ClamAV was to be asked too, and did not answer'] : []),
  ]
}

/** One line, so that it can be searched for: place, name, what it is, then what is known of the rule. */
function findingText(path: string, { member, threat, verdict, detector, rule }: Finding): string {
  const score = rule?.score === undefined ? '' : `, score ${rule.score}`
  const description = rule?.description === undefined ? '' : `: ${harmless(rule.description)}`
  return `${place(path, member)}: ${harmless(threat)} (${verdict}, ${detector}${score}${credit(rule)})${description}`
}

function place(path: string, member: readonly string[]): string {
  return [path, ...member.map(harmless)].join('!')
}

/** Who made the rule and where it is explained: rule licences ask for it. */
function credit(rule: RuleInfo | undefined): string {
  const author = rule?.author === undefined ? '' : `, rule by ${harmless(rule.author)}`
  return rule?.reference === undefined ? author : `${author}, ${harmless(rule.reference)}`
}

/** What was done besides the object itself, a line for each. */
function actLines(outcome: TreatmentOutcome): string[] {
  const acts = 'acts' in outcome ? outcome.acts : undefined
  if (acts === undefined) return []
  return [
    ...acts.ended.map((text) => `ENDED        ${harmless(text)}`),
    ...acts.autostartRemoved.map((text) => `REMOVED      ${harmless(text)}`),
    ...(acts.autostartLeft ?? []).map((text) => `NOT REMOVED  ${harmless(text)}`),
  ]
}

function outcomeText(outcome: TreatmentOutcome): string {
  if ('code' in outcome) return `${outcome.status} (${outcome.code})`
  if ('reason' in outcome) return `${outcome.status} (${outcome.reason})`
  if ('holder' in outcome) return `${outcome.status} (${harmless(outcome.holder)})`
  if ('unkept' in outcome && outcome.unkept !== undefined) return `${outcome.status} (${unkeptText(outcome.unkept)})`
  return outcome.status
}
