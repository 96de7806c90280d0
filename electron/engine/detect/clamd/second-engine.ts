// ClamAV's scanner service as a second engine: takes bytes that we hold, says what it found in them.
// Never the only engine: what it does not say is a gap in coverage, never a verdict.

export type SecondOpinion =
  | { readonly kind: 'nothing-found' }
  | { readonly kind: 'found'; readonly threat: string }
  /** It did not look at all of it (its limits, an error, no answer in time). */
  | { readonly kind: 'incomplete' }

export interface SecondEngine {
  /** What it says of itself; null while it does not answer. */
  readonly version: string | null
  /** Never throws; answers within a time that depends on the size. */
  ask(bytes: Buffer): Promise<SecondOpinion>
  dispose(): void
}
