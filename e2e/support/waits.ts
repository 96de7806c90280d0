// How long the slow things may take on a machine several times slower than ours, in ms; everything else takes what the
// configuration says. Owns these numbers only.

/** A start of the app, or of its engine. */
export const startMs = 60_000

/** A scan of a few files, with the treatment of what it finds. */
export const scanMs = 90_000

/** A scan that is held back on purpose, or interrupted and taken up again. */
export const longScanMs = 240_000
