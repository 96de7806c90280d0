// The form in which an expected failure is told. Owns no sentence.

export interface ErrorText {
  /** A fact, no full stop. */
  readonly title: string
  /** What to do, or what is still safe. */
  readonly todo: string
  /** Short, lower case: after "Failed:". */
  readonly reason: string
}

/** The words of one failure. */
export const text = (title: string, todo: string, reason: string): ErrorText => ({ title, todo, reason })
