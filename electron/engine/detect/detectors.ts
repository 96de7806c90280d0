// Asks all detectors about one content: EICAR, hash signatures, patterns; honours trust and excluded names.
// Knows nothing about containers or files. A detector that fails is reported as coverage, never as "nothing found".
import { createHash } from 'node:crypto'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import { eicarThreat, isEicar } from './eicar.ts'
import { type HashTable, lookUp } from './hash-table.ts'
import { suspicionsOf } from './heuristics/heuristics.ts'
import { isTimeout, type PatternEngine, type RuleVariables } from './pattern-engine.ts'
import { findingOfMatch } from './rule-verdict.ts'
import type { Detection, Subject } from './subject.ts'

export interface Detected {
  readonly detections: readonly Detection[]
  /** Matches that were not reported because their name is excluded. */
  readonly excluded: number
  /** Why not every detector looked at it. */
  readonly problem?: NotScannedReason
}

export class Detectors {
  private readonly databases: LoadedDatabases
  private readonly patterns: PatternEngine | null
  private readonly ignored: ReadonlySet<string>

  constructor(databases: LoadedDatabases, patterns: PatternEngine | null) {
    this.databases = databases
    this.patterns = patterns
    this.ignored = new Set(databases.ignored)
  }

  /** True when this content is on the allow list. It covers what the content contains, never what contains it. */
  isTrusted(sha256: Buffer, size: number): boolean {
    return lookUp(this.databases.trusted, sha256, size) !== null
  }

  /** Everything that is found in this content. */
  detect(subject: Subject): Detected {
    const found = [...this.byContent(subject), ...this.byHash(subject)]
    const matched = this.byPattern(subject.bytes, variablesOf(subject))
    const known = [...found, ...matched.detections]
    // A suspicion tells nothing new about what is known to be a threat.
    const isKnown = known.some(({ verdict }) => verdict !== 'risky')
    return this.reported(isKnown ? known : [...known, ...suspicionsOf(subject)], matched.problem)
  }

  /** Digests of a whole file that was read in pieces, and the patterns found in them. */
  detectInPieces(sha256: Buffer, size: number, matched: readonly Detection[]): Detected {
    return this.reported([...lookUpIn(this.databases.hashes.sha256, sha256, size), ...matched], undefined)
  }

  /** What the second engine named. It knows nothing of our allow list of names. */
  fromSecondEngine(threat: string): Detected {
    const verdict = threat.startsWith('PUA.') || threat.startsWith('Heuristics.') ? 'risky' : 'infected'
    return this.reported([{ threat: threat.slice(0, 256), verdict, detector: 'clamd' }], undefined)
  }

  /** Patterns only, of one window of a large file. */
  byPattern(bytes: Buffer, variables: RuleVariables): { detections: Detection[]; problem?: NotScannedReason } {
    if (this.patterns === null) {
      return this.databases.rules.failed ? { detections: [], problem: 'rules-unavailable' } : { detections: [] }
    }
    try {
      const matches = this.patterns.scan(bytes, variables)
      return { detections: matches.map(findingOfMatch).filter((detection) => detection !== null) }
    } catch (error) {
      return { detections: [], problem: isTimeout(error) ? 'time-limit' : 'rules-unavailable' }
    }
  }

  private byContent({ bytes }: Subject): Detection[] {
    return isEicar(bytes) ? [{ threat: eicarThreat, verdict: 'infected', detector: 'eicar' }] : []
  }

  private byHash({ bytes, sha256 }: Subject): Detection[] {
    const { md5, sha1, sha256: strong } = this.databases.hashes
    return [
      ...lookUpIn(strong, sha256, bytes.length),
      ...(sha1.rows === 0 ? [] : lookUpIn(sha1, createHash('sha1').update(bytes).digest(), bytes.length)),
      ...(md5.rows === 0 ? [] : lookUpIn(md5, createHash('md5').update(bytes).digest(), bytes.length)),
    ]
  }

  /** One detection for each name, without the excluded names. */
  private reported(found: readonly Detection[], problem: NotScannedReason | undefined): Detected {
    const byName = new Map<string, Detection>()
    let excluded = 0
    for (const detection of found) {
      if (this.ignored.has(detection.threat)) excluded += 1
      else if (!byName.has(detection.threat)) byName.set(detection.threat, detection)
    }
    const detections = [...byName.values()]
    return problem === undefined ? { detections, excluded } : { detections, excluded, problem }
  }
}

function lookUpIn(table: HashTable, digest: Buffer, size: number): Detection[] {
  const threat = lookUp(table, digest, size)
  if (threat === null) return []
  return [{ threat, verdict: threat.startsWith('PUA.') ? 'risky' : 'infected', detector: 'hash' }]
}

/** What rules may ask: base name, path, extension with its dot, and a type name in capitals. */
export function variablesOf({ name, path, format }: Pick<Subject, 'name' | 'path' | 'format'>): RuleVariables {
  const base = name.slice(name.lastIndexOf('/') + 1)
  const dot = base.lastIndexOf('.')
  return {
    filename: base,
    filepath: path,
    extension: dot > 0 ? base.slice(dot) : '',
    filetype: format === 'pe' ? 'EXE' : format.toUpperCase(),
    owner: '',
  }
}
