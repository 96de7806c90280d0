// What the system's own files and the project's packages are taken for: all of them, through the built command line. With the
// product's databases nothing may be found; with BENCH_RULES (a folder of public rules) nothing may be acted on by itself.
// Never treats: findings are read, and the product's policy is asked about them.
import { spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { DetectedObject, Finding } from '#shared/domain/object-report.ts'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { ThreatVerdict } from '#shared/domain/verdict.ts'
import type { Figure, Findings } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { inProject } from '../support/project.ts'
import { ruleSet } from '../support/rule-set.ts'

const roots = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/share', '/etc', inProject('node_modules')]
/** Everything that acts without asking. */
const origins: readonly Origin[] = [
  { kind: 'local' },
  { kind: 'real-time' },
  { kind: 'schedule' },
  { kind: 'restart' },
  { kind: 'remote', commandId: '00000000-0000-4000-8000-000000000000', account: 'owner@example.invalid' },
]
const verdicts: readonly ThreatVerdict[] = ['infected', 'probably-infected', 'risky']
const shown = 20

const FindingLine = z
  .object({ type: z.literal('finding'), path: z.string(), engine: Finding.shape.detector })
  .extend(Finding.omit({ detector: true }).shape)
const SummaryLine = z.object({
  type: z.literal('summary'),
  files: z.number(),
  bytes: z.number(),
  findings: z.number(),
  durationMs: z.number(),
})

interface Scanned {
  readonly files: number
  readonly bytes: number
  readonly ms: number
  readonly gaps: number
  /** Findings of each file. */
  readonly found: ReadonlyMap<string, readonly Finding[]>
}

export function falseAlarms(): Promise<Findings> {
  return inFolder(async (folder) => {
    const rules = process.env.BENCH_RULES ? ruleSet(folder) : null
    const options = rules === null ? [] : ['--databases', rules.folder]
    const scans: Scanned[] = []
    for (const root of roots.filter(isOwnFolder)) scans.push(await scan(root, join(folder, 'data'), options))
    const all = together(scans)
    const what = `${all.files} files, ${(all.bytes / 1e9).toFixed(2)} GB, ${all.gaps} objects not or not wholly looked at, in ${(all.ms / 1000).toFixed(0)} s: ${roots.join(', ')}`
    if (rules === null) {
      if (all.found.size > 0) throw new Error(`false alarms:\n${examples(all.found).join('\n')}`)
      return {
        figures: [{ name: 'files with a false alarm', value: 0, unit: `of ${all.files}`, goal: '0' }],
        notes: [what],
      }
    }
    return { figures: ruleFigures(all), notes: [`With ${rules.what}: ${what}`, ...examples(all.found)] }
  })
}

/** Throws when anything would be acted on by itself. */
function ruleFigures({ found, files }: Scanned): Figure[] {
  const treated = [...found].filter(([path, findings]) => isActedOn(path, findings))
  if (treated.length > 0) throw new Error(`acted on by itself:\n${examples(new Map(treated)).join('\n')}`)
  const findings = [...found.values()].flat()
  const counts = verdicts.map((verdict): Figure => {
    return {
      name: `findings: ${verdict}`,
      value: findings.filter((each) => each.verdict === verdict).length,
      unit: 'findings',
    }
  })
  const acted = { name: 'files acted on by themselves', value: 0, unit: `of ${files}`, goal: '0' }
  return [{ name: 'files with a finding', value: found.size, unit: `of ${files}` }, ...counts, acted]
}

function isActedOn(path: string, findings: readonly Finding[]): boolean {
  const object = DetectedObject.parse({
    path: { text: path },
    identity: {
      dev: '0',
      ino: '0',
      size: 0,
      mtimeNs: '0',
      ctimeNs: '0',
      birthtimeNs: '0',
      nlink: 1,
      sha256: '0'.repeat(64),
    },
    findings,
    findingsComplete: true,
    coverage: { kind: 'full' },
  })
  return origins.some((origin) => decide(object, defaultTreatmentSettings, origin).kind === 'treat')
}

/** Worst first, so that what matters is among those shown. */
function examples(found: Scanned['found']): string[] {
  const byRule = new Map<string, { readonly verdict: ThreatVerdict; readonly paths: string[] }>()
  for (const [path, findings] of found) {
    for (const { threat, verdict, member } of findings) {
      const entry = byRule.get(threat) ?? { verdict, paths: [] }
      byRule.set(threat, entry)
      entry.paths.push([path, ...member].join('!'))
    }
  }
  const rows = [...byRule].sort(
    ([, a], [, b]) => order(a.verdict) - order(b.verdict) || b.paths.length - a.paths.length,
  )
  return rows.slice(0, shown).map(([threat, { verdict, paths }]) => {
    return `${threat} (${verdict}): ${paths.length} times, first in ${paths[0]}`
  })
}

function order(verdict: ThreatVerdict): number {
  return verdicts.indexOf(verdict)
}

/** /bin and the like are links to what is scanned already. */
function isOwnFolder(path: string): boolean {
  return existsSync(path) && lstatSync(path).isDirectory()
}

function together(scans: readonly Scanned[]): Scanned {
  const sum = (of: (scan: Scanned) => number): number => scans.reduce((total, scan) => total + of(scan), 0)
  return {
    files: sum(({ files }) => files),
    bytes: sum(({ bytes }) => bytes),
    ms: sum(({ ms }) => ms),
    gaps: sum(({ gaps }) => gaps),
    found: new Map(scans.flatMap(({ found }) => [...found])),
  }
}

/** Its lines are read as they come: a whole system has too many of them to be kept. */
async function scan(root: string, dataDir: string, options: readonly string[]): Promise<Scanned> {
  const child = spawn(
    process.execPath,
    [inProject('out/main/cli.js'), 'scan', '--json', '--no-cache', ...options, root],
    { env: { ...process.env, PROTECTION_DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // A run that is broken off takes it along.
  const stop = (): void => void child.kill()
  process.once('exit', stop)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const found = new Map<string, Finding[]>()
  let gaps = 0
  let last = ''
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (line.startsWith('{"type":"notScanned"')) gaps += 1
    if (!line.startsWith('{"type":"finding"')) continue
    const { path, engine, type: _, ...finding } = FindingLine.parse(JSON.parse(line))
    found.set(path, [...(found.get(path) ?? []), { ...finding, detector: engine }])
  }
  const code = await ended
  process.off('exit', stop)
  if (code !== 0 && code !== 1) throw new Error(`the command line ended with ${code}`)
  const { files, bytes, findings, durationMs } = SummaryLine.parse(JSON.parse(last))
  if (files === 0) throw new Error(`nothing was scanned in ${root}`)
  if ([...found.values()].flat().length !== findings) throw new Error(`not all of ${findings} findings were read`)
  return { files, bytes, ms: durationMs, gaps, found }
}
