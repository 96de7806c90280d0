// What was cut out of a file with autostart entries, and how it is put back into what that file is by now. Owns that comparison,
// line by line and byte by byte: texts are latin1. Pure; never guesses: where the place is not certain, nothing is put back.
import type { EntryCut } from '#shared/files/quarantine-file.ts'

const mostCuts = 100
const mostContext = 3
/** Fewer lines around a place are no proof of it. */
const leastContext = 2
/** Lines that are looked over for the next one that both have. */
const mostSteps = 200
/** Of all that stands in the place of what was cut out. */
const mostTextBytes = 16 * 1024

/** Undefined where there are too many of them to be kept. `now` is `old` without some lines, or with shorter ones. */
export function cutsBetween(old: string, now: string): EntryCut[] | undefined {
  const [before, after] = [linesOf(old), linesOf(now)]
  const cuts: EntryCut[] = []
  let at = 0
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const line = before[i] ?? ''
    if (i < before.length && line === after[j]) {
      at += line.length
      i += 1
      j += 1
      continue
    }
    const [gone, come] = stepsToSame({ before, i, after, j })
    const from = at
    at += before.slice(i, i + gone).join('').length
    cuts.push({ from, to: at, now: base64(after.slice(j, j + come).join('')) })
    i += gone
    j += come
  }
  const room = cuts.reduce((sum, cut) => sum + cut.now.length, 0)
  return cuts.length > mostCuts || room > mostTextBytes ? undefined : cuts
}

/** The file as the cuts left it. */
export function withCuts(old: string, cuts: readonly EntryCut[]): string {
  return piecesOf(old, cuts)
    .map(({ kept, now }) => kept + now)
    .join('')
}

/**
 * `theirs` with everything back that was cut out of `old`; undefined when the place of one of them is not certain any more. What
 * is back already stays as it is.
 */
export function putBack(old: string, cuts: readonly EntryCut[], theirs: string): string | undefined {
  const base = linesOf(withCuts(old, cuts))
  let lines: string[] | undefined = linesOf(theirs)
  let at = 0
  for (const { kept, now, was } of piecesOf(old, cuts)) {
    at += linesOf(kept).length
    const inside = linesOf(now)
    if (was !== '' || inside.length > 0) {
      const wanted = { was: linesOf(was), now: inside, above: base.slice(0, at), below: base.slice(at + inside.length) }
      lines = lines && putOneBack(lines, wanted)
    }
    at += inside.length
  }
  return lines?.join('')
}

interface Cut {
  readonly was: readonly string[]
  readonly now: readonly string[]
  /** The lines around it, as the cuts left them. */
  readonly above: readonly string[]
  readonly below: readonly string[]
}

function putOneBack(lines: readonly string[], cut: Cut): string[] | undefined {
  if (placesOf(lines, cut.was, cut).some(({ above, below }) => above > 0 && below > 0)) return [...lines]
  const [best, next] = placesOf(lines, cut.now, cut).sort((a, b) => context(b) - context(a))
  // What was left of a line speaks for its place too.
  if (best === undefined || context(best) + cut.now.length < leastContext) return undefined
  if (next !== undefined && context(next) === context(best)) return undefined
  const head = lines.slice(0, best.at)
  const last = head.at(-1)
  // What was the end of a file may not have been the end of a line.
  if (last !== undefined && !last.endsWith('\n')) head[head.length - 1] = `${last}\n`
  const tail = lines.slice(best.at + cut.now.length)
  const was = [...cut.was]
  if (tail.length > 0 && was.at(-1)?.endsWith('\n') === false) was[was.length - 1] += '\n'
  return [...head, ...was, ...tail]
}

interface Place {
  readonly at: number
  /** So many lines around it are as they were, the file's ends among them. */
  readonly above: number
  readonly below: number
}

function context({ above, below }: Place): number {
  return above + below
}

/** Where `text` stands (everywhere, when it is nothing), with what is around it. */
function placesOf(lines: readonly string[], text: readonly string[], { above, below }: Cut): Place[] {
  const places: Place[] = []
  for (let at = 0; at + text.length <= lines.length; at += 1) {
    if (!text.every((line, index) => isSame(lines[at + index], line))) continue
    const end = at + text.length
    places.push({
      at,
      above: equalLines(
        (step) => lines[at - 1 - step],
        (step) => above[above.length - 1 - step],
      ),
      below: equalLines(
        (step) => lines[end + step],
        (step) => below[step],
      ),
    })
  }
  return places
}

type Line = (step: number) => string | undefined

/** So many are the same, step by step away from a place; that both end counts as one more. */
function equalLines(one: Line, other: Line): number {
  for (let step = 0; step < mostContext; step += 1) {
    if (one(step) === undefined && other(step) === undefined) return step + 1
    if (!isSame(one(step), other(step))) return step
  }
  return mostContext
}

/** The last line of a file may have no end. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one.replace(/\n$/, '') === other.replace(/\n$/, '')
}

interface Both {
  readonly before: readonly string[]
  readonly i: number
  readonly after: readonly string[]
  readonly j: number
}

/** How many lines of either are left out until both are the same again: the fewest, or all of them. */
function stepsToSame({ before, i, after, j }: Both): [number, number] {
  for (let steps = 1; steps <= mostSteps; steps += 1)
    for (let come = 0; come <= steps && j + come <= after.length; come += 1) {
      const gone = steps - come
      // Past both ends there is nothing on either side.
      if (i + gone <= before.length && before[i + gone] === after[j + come]) return [gone, come]
    }
  return [before.length - i, after.length - j]
}

interface Piece {
  readonly kept: string
  readonly was: string
  readonly now: string
}

function piecesOf(old: string, cuts: readonly EntryCut[]): Piece[] {
  let at = 0
  const pieces = cuts.map(({ from, to, now }) => {
    const piece = { kept: old.slice(at, from), was: old.slice(from, to), now: text(now) }
    at = to
    return piece
  })
  return [...pieces, { kept: old.slice(at), was: '', now: '' }]
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

function base64(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('base64')
}

function text(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString('latin1')
}
