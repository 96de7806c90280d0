// A text cut to a length, so that nobody takes what is left for the whole. Pure.

/** At most `length` characters; what was cut off shows as an ellipsis. Never cuts through a character. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  const kept = text.slice(0, Math.max(0, length - 1))
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** Of a file's name the ending says most: it is kept, and what is too much goes from the middle. Never cuts through a character. */
export function shortenedName(name: string, length: number): string {
  if (name.length <= length) return name
  const keep = Math.min(keptEnding, Math.floor(length / 2))
  const ending = name.slice(-keep)
  const whole = /^[\uDC00-\uDFFF]/.test(ending) ? ending.slice(1) : ending
  return `${shortened(name, length - whole.length)}${whole}`
}

const keptEnding = 16
