// Takes the empty space away that a cut leaves between its ellipsis and what follows: the browser cuts after a whole character, but keeps the
// width it had. Owns one observer for all cut texts of a page; the text itself is never changed.

const adjusted = new Set<HTMLElement>()
const waiting = new Set<HTMLElement>()
let observer: ResizeObserver | undefined
let frame = 0

/** `whole`: the line, whose first child is cut. Ends with the returned function. Does nothing where there is no such observer. */
export function closeGap(whole: HTMLElement): () => void {
  if (typeof ResizeObserver === 'undefined') return () => undefined
  observer ??= new ResizeObserver((entries) => {
    for (const { target } of entries) waiting.add(target as HTMLElement)
    // Not within the observer: a change of what is observed would be reported as an endless loop.
    if (frame === 0) frame = requestAnimationFrame(fitAll)
  })
  observer.observe(whole)
  return () => {
    observer?.unobserve(whole)
    waiting.delete(whole)
    reset(whole)
  }
}

/** All that is read is read before anything is written, so that a list is laid out twice at most. */
function fitAll(): void {
  frame = 0
  const lines = [...waiting]
  waiting.clear()
  for (const line of lines) reset(line)
  const widths = lines.map((line) => [line, widthOfCut(cutPartOf(line))] as const)
  for (const [line, width] of widths) {
    if (width === undefined) continue
    adjusted.add(line)
    cutPartOf(line)?.style.setProperty('max-width', `${width}px`)
  }
}

/** As the stylesheet alone has it. */
function reset(line: HTMLElement): void {
  if (adjusted.delete(line)) cutPartOf(line)?.style.removeProperty('max-width')
}

function cutPartOf(line: HTMLElement): HTMLElement | undefined {
  const { firstElementChild: first, childElementCount: count } = line
  return count > 1 && first instanceof HTMLElement ? first : undefined
}

/** What the characters that are shown and the ellipsis take, px; undefined where nothing is cut. */
function widthOfCut(part: HTMLElement | undefined): number | undefined {
  const text = part?.firstChild
  if (!part || !(text instanceof Text) || part.scrollWidth <= part.clientWidth) return undefined
  const room = part.getBoundingClientRect().width - ellipsisWidth(part)
  const range = document.createRange()
  const widthUpTo = (length: number): number => {
    range.setStart(text, 0)
    range.setEnd(text, length)
    return range.getBoundingClientRect().width
  }
  let [fits, tooMany] = [0, text.length]
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1
    if (widthUpTo(middle) <= room) fits = middle
    else tooMany = middle
  }
  // A hair more, or the browser takes one character fewer.
  return widthUpTo(fits) + ellipsisWidth(part) + 0.5
}

const ellipsisWidths = new Map<string, number>()

function ellipsisWidth(part: HTMLElement): number {
  const { font } = getComputedStyle(part)
  const known = ellipsisWidths.get(font)
  if (known !== undefined) return known
  const pen = document.createElement('canvas').getContext('2d')
  if (pen === null) return 0
  pen.font = font
  const { width } = pen.measureText('…')
  ellipsisWidths.set(font, width)
  return width
}
