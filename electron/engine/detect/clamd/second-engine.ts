// ClamAV's scanner service as a second engine: takes bytes that we hold, says what it found in them.
// Never the only engine: what it does not say is a gap in coverage, never a verdict.

export type SecondOpinion =
  | { readonly kind: 'nothing-found' }
  | { readonly kind: 'found'; readonly threat: string }
  /** It did not look at all of it (its limits, an error, no answer in time). */
  | { readonly kind: 'incomplete' }

/** What is known of a content that it is asked about. */
export interface Question {
  /** Time that is left for the file which the content is of, in ms. */
  readonly withinMs?: number
  /** Files that came out of it when it was opened: it may look at fewer of them than there are. */
  readonly files?: number
}

export interface SecondEngine {
  /** What it says of itself; null while it does not answer. */
  readonly version: string | null
  /** Never throws; answers within half a minute, and within the time that is left. */
  ask(bytes: Buffer, question?: Question): Promise<SecondOpinion>
  dispose(): void
}
