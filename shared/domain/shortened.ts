// A text cut to a length, so that nobody takes what is left for the whole. Pure.

/** At most `length` characters; what was cut off shows as an ellipsis. Never cuts through a character. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  const kept = text.slice(0, Math.max(0, length - 1))
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}
