// How long copies are kept and how much room they may take: what it is at first, and what "no limit" is.
// Owns the numbers; the engine keeps to them.

export const defaultRetentionDays = 30
/** Copies are never removed because of their age: a hundred years. */
export const keptForever = 36_500
/** Periods a person can choose besides that. */
export const retentionChoices: readonly number[] = [7, 14, 30, 60, 90, 180, 365]

const gigabyte = 1_000_000_000
export const defaultQuarantineBytes = gigabyte
/** Only the room that has to stay free on the disk limits it. */
export const unlimitedBytes = Number.MAX_SAFE_INTEGER
export const quarantineBytesChoices: readonly number[] = [0.25, 0.5, 1, 2, 5, 10, 50].map((size) => size * gigabyte)
