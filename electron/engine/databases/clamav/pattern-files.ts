// Reads the pattern signature files of a database folder and gives the rules they become, within one bound for all of them.
// What did not become a rule is summed up for each file and reason.

import type { PatternBackend, RuleSource } from '../../detect/pattern-engine.ts'
import { type DatabaseFile, signaturePieces } from '../database-folder.ts'
import type { Rejected } from '../signature-text.ts'
import { type PatternKind, translatePatterns } from './pattern-translation.ts'

export interface TranslatedFiles {
  readonly sources: readonly RuleSource[]
  readonly rejected: readonly Rejected[]
}

/** Each rule costs time in every scan, however small the content; far more of it where WebAssembly matches them. */
const mostPatterns: Readonly<Record<PatternBackend, number>> = { native: 20_000, wasm: 2_000 }
/** A file is one text while it is translated. */
const maxTextBytes = 128 * 1024 * 1024

/** `isIgnored`: see `translatePatterns`. `backend`: that will match the rules. Throws ProductError `databases-unusable` when a file cannot be read. */
export function translateFiles(
  files: readonly DatabaseFile[],
  isIgnored: (name: string, line: string) => boolean,
  backend: PatternBackend,
): TranslatedFiles {
  const sources: RuleSource[] = []
  const rejected: Rejected[] = []
  const most = mostPatterns[backend]
  let taken = 0
  for (const file of files) {
    const kind = patternKind(file)
    if (kind === null) continue
    const pieces = Array.from(signaturePieces(file), (piece) => (file.size > maxTextBytes ? null : Buffer.from(piece)))
    if (file.size > maxTextBytes) rejected.push({ file: file.file, line: 0, problem: 'too large' })
    const text = Buffer.concat(pieces.filter((piece) => piece !== null)).toString('latin1')
    const translation = translatePatterns(kind, text, isIgnored, most - taken)
    taken += translation.taken
    if (translation.taken > 0) sources.push({ namespace: file.file, source: translation.source })
    for (const [reason, count] of translation.skipped) {
      const what = count === 1 ? '1 signature' : `${count} signatures`
      rejected.push({ file: file.file, line: 0, problem: `${what}: ${reason}` })
    }
  }
  return { sources, rejected }
}

function patternKind({ kind, file }: DatabaseFile): PatternKind | null {
  const extension = /\.(ndb|ndu|ldb|ldu)$/i.exec(file)?.[1]?.toLowerCase()
  return kind === 'patterns' ? ((extension ?? null) as PatternKind | null) : null
}
