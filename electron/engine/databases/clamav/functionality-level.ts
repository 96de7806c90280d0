// Which of ClamAV's functionality levels we stand for: signatures say for which levels they are.

/** That of ClamAV 1.4: what its signatures may use is either understood here or left out with a reason. */
export const functionalityLevel = 213

/** Bounds as text, empty for none: true when our level is not between them. */
export function isForOtherLevel(least: string | undefined, most: string | undefined): boolean {
  const [low, high] = [Number(least || 0), Number(most || Number.POSITIVE_INFINITY)]
  return !(low <= functionalityLevel && functionalityLevel <= high)
}
