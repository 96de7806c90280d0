// Turns ClamAV's pattern signatures (.ndb, .ldb and their PUA twins) into YARA rules where that is exact.
// What cannot be said exactly is counted, never approximated.

export interface Translation {
  /** YARA source; empty when nothing was taken. Each rule has `meta: threat = "the signature's own name"`. */
  readonly source: string
  readonly taken: number
  /** Signatures left out, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

export type PatternKind = 'ndb' | 'ndu' | 'ldb' | 'ldu'

/** `isIgnored`: says of a signature's name and whole line whether an `.ign2` entry excludes it. */
export function translatePatterns(
  _kind: PatternKind,
  _text: string,
  _isIgnored: (name: string, line: string) => boolean,
): Translation {
  return { source: '', taken: 0, skipped: new Map() }
}
