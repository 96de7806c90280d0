// What a scan prints: JSON lines for programs, sentences for people. Nothing is ever called clean, and what was left out
// stands beside what was found. Owns the form only.

import type { FilePath } from '#shared/domain/file-path.ts'
import { excludedText, gapReasonText, leftOut, leftOutParts } from '#shared/domain/left-out-text.ts'
import type { DetectedObject, Finding, NotScannedObject, RuleInfo } from '#shared/domain/object-report.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import { unkeptText } from '#shared/domain/unkept-text.ts'
import type { EngineContract, EngineInfo } from '#shared/engine-protocol/engine-contract.ts'
import type { EventPayload } from '#shared/rpc/contract.ts'
import { pathFields, pathText } from './path-form.ts'
import { harmless, type Terminal } from './terminal.ts'

type Finished = EventPayload<EngineContract, 'scan.finished'>

export interface ScanPrinter {
  /** What the line leaves out. */
  excluded(paths: readonly FilePath[]): void
  detected(objects: readonly DetectedObject[]): void
  notScanned(objects: readonly NotScannedObject[]): void
  treated(object: DetectedObject, outcome: TreatmentOutcome): void
  /** The policy left it alone. */
  kept(object: DetectedObject): void
  summary(finished: Finished, info: EngineInfo): void
}

/** How the treatments of a scan ended: how many with each status. */
type Treated = ReadonlyMap<string, number>

export function createScanPrinter(terminal: Terminal, json: boolean): ScanPrinter {
  return json ? jsonPrinter(terminal) : textPrinter(terminal)
}

function jsonPrinter(terminal: Terminal): ScanPrinter {
  const print = (type: string, line: object) => terminal.print(JSON.stringify({ type, ...line }))
  const { treated, count } = treatments()
  let findings = 0
  let inPart = 0
  return {
    excluded: (paths) => {
      for (const path of paths) print('excluded', pathFields(path))
    },
    detected: (objects) => {
      for (const { path, coverage, findings: found, findingsComplete } of objects) {
        for (const { member, threat, verdict, detector: engine, rule } of found) {
          findings += 1
          const what = { member, threat, verdict, engine, coverage, findingsComplete, ...(rule && { rule }) }
          print('finding', { ...pathFields(path), ...what })
        }
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason, partial, more } of objects) {
        if (partial) inPart += 1
        print('notScanned', { ...pathFields(path), member, reason, partial, ...(more && { more }) })
      }
    },
    treated: ({ path }, outcome) => {
      count(outcome.status)
      print('treated', { ...pathFields(path), outcome: outcomeFields(outcome) })
    },
    kept: ({ path }) => {
      count('kept')
      print('treated', { ...pathFields(path), outcome: { status: 'kept' } })
    },
    summary: ({ outcome, counters, durationMs }, { databases, secondEngine }) => {
      const { objects, files, bytes, notScanned, excluded } = counters
      const clamav = secondEngine.state === 'off' ? {} : { clamav: secondEngine.version }
      const used = { databases: databases.version, ...clamav }
      const gaps = { notScanned, partial: inPart, excluded }
      const treatment = treated.size === 0 ? {} : { treatment: Object.fromEntries(treated) }
      print('summary', { outcome, objects, files, bytes, findings, ...gaps, ...treatment, durationMs, ...used })
    },
  }
}

function textPrinter(terminal: Terminal): ScanPrinter {
  const { treated, count } = treatments()
  let inPart = 0
  return {
    excluded: (paths) => {
      for (const path of paths) terminal.print(`EXCLUDED     ${pathText(path)}`)
    },
    detected: (objects) => {
      for (const { path, findings, findingsComplete } of objects) {
        for (const finding of findings) terminal.print(`FOUND        ${findingText(pathText(path), finding)}`)
        if (!findingsComplete) terminal.print(`FOUND        ${pathText(path)}: and more that is not listed`)
      }
    },
    notScanned: (objects) => {
      for (const { path, member, reason, partial, more } of objects) {
        if (partial) inPart += 1
        const gap = partial ? 'IN PART      ' : 'NOT SCANNED  '
        terminal.print(`${gap}${place(pathText(path), member)}: ${gapReasonText(reason)}`)
        if (more !== undefined) terminal.print(`NOT SCANNED  ${pathText(path)}: and ${more} more in it`)
      }
    },
    treated: ({ path }, outcome) => {
      count(outcome.status)
      terminal.print(`TREATED      ${pathText(path)}: ${outcomeText(outcome)}`)
      for (const line of actLines(outcome)) terminal.print(line)
    },
    kept: ({ path }) => {
      count('kept')
      terminal.print(`KEPT         ${pathText(path)}: not certain enough to be treated automatically`)
    },
    summary: (finished, info) => {
      for (const line of summaryLines(finished, info, { inPart, treated })) terminal.print(line)
    },
  }
}

function treatments(): { readonly treated: Treated; readonly count: (status: string) => void } {
  const treated = new Map<string, number>()
  return { treated, count: (status) => void treated.set(status, (treated.get(status) ?? 0) + 1) }
}

/** With its paths in the form that all paths have. */
function outcomeFields(outcome: TreatmentOutcome): object {
  if (!('otherNames' in outcome) || outcome.otherNames === undefined) return outcome
  return { ...outcome, otherNames: outcome.otherNames.map(pathFields) }
}

function summaryLines(
  { counters, durationMs, outcome }: Finished,
  { databases, secondEngine }: EngineInfo,
  { inPart, treated }: { readonly inPart: number; readonly treated: Treated },
): string[] {
  const { objects, files, bytes, found, notScanned, excluded } = counters
  const gaps = leftOutParts(leftOut({ notScanned, excluded: 0 }, inPart))
  const end = outcome === 'completed' ? 'Scan finished' : `Scan ${outcome}`
  const ends = [...treated].map(([status, count]) => `${count} ${status}`)
  return [
    '',
    `${end}: ${[found === 0 ? 'nothing found' : `${found} found`, ...gaps].join(', ')}`,
    ...(ends.length === 0 ? [] : [`Treatment: ${ends.join(', ')}`]),
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
