// Asks all detectors about one content: EICAR, hash signatures, patterns; honours trust and excluded names.
// Knows nothing about containers or files. A detector that fails is reported as coverage, never as "nothing found".
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { ByteSource } from '../files/byte-source.ts'
import { eicarThreat, isEicar } from './eicar.ts'
import { type Digests, type HashSignatures, openHashSignatures, type PiecewiseHash } from './hash-signatures.ts'
import { suspicionsOf } from './heuristics/heuristics.ts'
import { isTimeout, type PatternEngine, type RuleVariables } from './pattern-engine.ts'
import { findingOfMatch, verdictOfSecondEngine } from './rule-verdict.ts'
import type { Detection, Subject } from './subject.ts'
import { WholeContentRules } from './whole-content-rules.ts'

export interface Detected {
  readonly detections: readonly Detection[]
  /** Matches that were not reported because their name is excluded. */
  readonly excluded: number
  /** Why not every detector looked at it. */
  readonly problem?: NotScannedReason
}

const noSections = { detections: [], isComplete: true } as const

export class Detectors {
  private readonly databases: LoadedDatabases
  private readonly patterns: PatternEngine | null
  private readonly signatures: HashSignatures
  private readonly ignored: ReadonlySet<string>
  private readonly wholes: WholeContentRules

  /** Throws when stored signatures are not those that were loaded. */
  constructor(databases: LoadedDatabases, patterns: PatternEngine | null) {
    this.databases = databases
    this.patterns = patterns
    this.signatures = openHashSignatures(databases)
    this.ignored = new Set(databases.ignored)
    this.wholes = new WholeContentRules(databases.rules.aboutWhole)
  }

  /** True when this content is on the allow list. It covers what the content contains, never what contains it. */
  isTrusted(sha256: Buffer, size: number): boolean {
    try {
      return this.signatures.isTrusted(sha256, size)
    } catch {
      // Damaged on disk: then nothing is trusted.
      return false
    }
  }

  /** Everything that is found in this content. */
  detect(subject: Subject): Detected {
    const hashed = this.byHash(subject)
    const matched = this.byPattern(subject.bytes, variablesOf(subject), { isWhole: true })
    const known = [...this.byContent(subject), ...hashed.detections, ...matched.detections]
    const problem = hashed.problem ?? matched.problem
    // A suspicion tells nothing new about what is known to be a threat.
    const isKnown = known.some(({ verdict }) => verdict !== 'risky')
    return this.reported(isKnown ? known : [...known, ...suspicionsOf(subject)], problem)
  }

  /** Takes the digests of a content that comes in pieces; `size` null while nobody knows it. */
  hashInPieces(size: number | null): PiecewiseHash {
    return this.signatures.inPieces(size)
  }

  /**
   * Digests of a whole content that came in pieces, and the patterns found in them. `program`: where it is a program for
   * Windows that can still be read.
   */
  detectInPieces(digests: Digests, size: number, matched: readonly Detection[], program?: ByteSource): Detected {
    try {
      const whole = this.signatures.ofDigests(digests, size)
      const sections = program === undefined ? noSections : this.signatures.ofSections(program)
      const problem = sections.isComplete ? undefined : 'time-limit'
      return this.reported([...whole, ...sections.detections, ...matched], problem)
    } catch {
      // Damaged on disk, as in `byHash`.
      return this.reported(matched, 'rules-unavailable')
    }
  }

  /** Whether signatures are about sections of this program. Reads its headers only. */
  asksSections(program: ByteSource): boolean {
    return this.signatures.asksSections(program)
  }

  /** What the second engine named. It knows nothing of our allow list of names. */
  fromSecondEngine(threat: string): Detected {
    const verdict = verdictOfSecondEngine(threat)
    return this.reported([{ threat: threat.slice(0, 256), verdict, detector: 'clamd' }], undefined)
  }

  /**
   * Patterns only, of a content or of one window of a large one. A rule that asks about the whole and matches a window only
   * raises a suspicion: the window has another size and other places.
   */
  byPattern(
    bytes: Buffer,
    variables: RuleVariables,
    { isWhole }: { readonly isWhole: boolean },
  ): { detections: Detection[]; problem?: NotScannedReason } {
    if (this.patterns === null) {
      return this.databases.rules.failed ? { detections: [], problem: 'rules-unavailable' } : { detections: [] }
    }
    try {
      const matches = this.patterns.scan(bytes, variables)
      const found = matches.map((match) => {
        const finding = findingOfMatch(match)
        return isWhole || finding?.verdict !== 'infected' || !this.wholes.has(match)
          ? finding
          : { ...finding, verdict: 'probably-infected' as const }
      })
      return { detections: found.filter((detection) => detection !== null) }
    } catch (error) {
      return { detections: [], problem: isTimeout(error) ? 'time-limit' : 'rules-unavailable' }
    }
  }

  private byContent({ bytes }: Subject): Detection[] {
    return isEicar(bytes) ? [{ threat: eicarThreat, verdict: 'infected', detector: 'eicar' }] : []
  }

  private byHash(subject: Subject): { detections: Detection[]; problem?: NotScannedReason } {
    const { bytes, sha256, format } = subject
    try {
      const whole = this.signatures.ofContent(sha256, bytes.length, bytes)
      if (format !== 'pe') return { detections: whole }
      const { detections, isComplete } = this.signatures.ofSections(bytes)
      return { detections: [...whole, ...detections], ...(isComplete ? {} : { problem: 'time-limit' }) }
    } catch {
      // Stored signatures that are damaged: what they say of this content is not known.
      return { detections: [], problem: 'rules-unavailable' }
    }
  }

  dispose(): void {
    this.patterns?.dispose()
    this.signatures.close()
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
