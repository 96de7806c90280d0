// Finds what changed between two versions of a text file, line by line. Lines that both have once hold it together; between
// them only equal beginnings and ends are kept. Not always the shortest answer, but always a right one, and quick.
import type { FileChanges, LineChange } from './line-script.ts'

/** So much of an old line is named: enough for a digest, and little to transport. */
const startLength = 32
const lineFeed = 0x0a

/** Null when one of them is not made of whole lines. */
export function differenceOf(file: string, before: Buffer, after: Buffer): FileChanges | null {
  if (!isText(before) || !isText(after)) return null
  const [olds, news] = [linesOf(before), linesOf(after)]
  const changes: LineChange[] = []
  const added: string[] = []
  for (const gap of gapsBetween(olds, news)) changeGap({ olds, news, gap, changes, added })
  return { file, changes, added }
}

/** `olds[oldFrom, oldTo)` became `news[newFrom, newTo)`. */
interface Gap {
  readonly oldFrom: number
  readonly oldTo: number
  readonly newFrom: number
  readonly newTo: number
}

interface GapWork {
  readonly olds: readonly string[]
  readonly news: readonly string[]
  readonly gap: Gap
  readonly changes: LineChange[]
  readonly added: string[]
}

function changeGap({ olds, news, gap, changes, added }: GapWork): void {
  const { oldFrom, oldTo, newFrom, newTo } = gap
  const exchanged = Math.min(oldTo - oldFrom, newTo - newFrom)
  for (let at = oldFrom; at < oldTo; at += 1) {
    const old = { line: at + 1, start: (olds[at] ?? '').slice(0, startLength) }
    const text = news[newFrom + at - oldFrom] ?? ''
    changes.push(at - oldFrom < exchanged ? { kind: 'exchange', ...old, text } : { kind: 'delete', ...old })
  }
  for (const text of news.slice(newFrom + exchanged, newTo)) {
    if (oldTo === olds.length) added.push(text)
    else changes.push({ kind: 'insert', line: oldTo + 1, text })
  }
}

/** What is left between the lines that stay, in order. */
function gapsBetween(olds: readonly string[], news: readonly string[]): Gap[] {
  const whole = withoutSameEnds(olds, news, { oldFrom: 0, oldTo: olds.length, newFrom: 0, newTo: news.length })
  const gaps: Gap[] = []
  let { oldFrom, newFrom } = whole
  const close = (oldTo: number, newTo: number): void => {
    const gap = withoutSameEnds(olds, news, { oldFrom, oldTo, newFrom, newTo })
    if (gap.oldFrom < gap.oldTo || gap.newFrom < gap.newTo) gaps.push(gap)
  }
  for (const [old, fresh] of stayingLines(olds, news, whole)) {
    close(old, fresh)
    oldFrom = old + 1
    newFrom = fresh + 1
  }
  close(whole.oldTo, whole.newTo)
  return gaps
}

function withoutSameEnds(olds: readonly string[], news: readonly string[], gap: Gap): Gap {
  let { oldFrom, oldTo, newFrom, newTo } = gap
  while (oldFrom < oldTo && newFrom < newTo && olds[oldFrom] === news[newFrom]) {
    oldFrom += 1
    newFrom += 1
  }
  while (oldFrom < oldTo && newFrom < newTo && olds[oldTo - 1] === news[newTo - 1]) {
    oldTo -= 1
    newTo -= 1
  }
  return { oldFrom, oldTo, newFrom, newTo }
}

/** The longest run of lines that both have once and in the same order, as pairs of indexes. */
function stayingLines(olds: readonly string[], news: readonly string[], gap: Gap): (readonly [number, number])[] {
  const freshPlaces = onlyPlaces(news, gap.newFrom, gap.newTo)
  const pairs = [...onlyPlaces(olds, gap.oldFrom, gap.oldTo)].flatMap(([line, old]) => {
    const fresh = freshPlaces.get(line)
    return fresh === undefined || old === -1 || fresh === -1 ? [] : [[old, fresh] as const]
  })
  return longestRising(pairs)
}

/** -1 for a line that is there more than once. In the order of the lines. */
function onlyPlaces(lines: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>()
  for (let at = from; at < to; at += 1) {
    const line = lines[at] ?? ''
    places.set(line, places.has(line) ? -1 : at)
  }
  return places
}

/** Longest subsequence whose second numbers rise; the first ones rise already. */
function longestRising(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  // ends[n] is the pair with the smallest second number that a run of n + 1 pairs can end with.
  const ends: number[] = []
  const before: number[] = []
  pairs.forEach(([, fresh], index) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < fresh) low = middle + 1
      else high = middle
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] ?? -1)
    ends[low] = index
  })
  const run: (readonly [number, number])[] = []
  for (let index = ends.at(-1) ?? -1; index !== -1; index = before[index] ?? -1) {
    const pair = pairs[index]
    if (pair !== undefined) run.push(pair)
  }
  return run.reverse()
}

function linesOf(text: Buffer): string[] {
  return text.length === 0 ? [] : text.toString('latin1', 0, text.length - 1).split('\n')
}

function isText(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes[bytes.length - 1] === lineFeed && !bytes.includes(0))
}
