// The exit codes of the command line; their words are in help-text.ts.

export const exitCodes = {
  nothing: 0,
  found: 1,
  /** Before everything else. */
  error: 2,
  /** Nothing found, but not all of it was scanned. */
  gaps: 3,
} as const
