// What was done besides a detected object, and what of it came back with it, in one line: the same words in the history, in reports
// and on the command line. Pure.
import { shortened } from './shortened.ts'
import type { GivenEntries, TreatmentActs } from './treatment.ts'

/**
 * "process sh (1234) ended; autostart entry ~/.bashrc: /tmp/x removed". At most `length` characters: then only the first of each
 * are named, and how many more there are.
 */
export function actsText(acts: TreatmentActs, length = 256): string {
  for (let named = 20; named > 1; named -= 1) {
    const text = withNamed(acts, named)
    if (text.length <= length) return text
  }
  return shortened(withNamed(acts, 1), length)
}

/** How many autostart entries were removed. */
export function entryCount(acts: TreatmentActs | undefined): number {
  return countOf(acts?.autostartRemoved ?? [])
}

/** "Autostart entry ~/.bashrc: /tmp/x restored; …"; empty when there were none. At most `length` characters. */
export function givenEntriesText({ restored, left }: GivenEntries, length = 256): string {
  const why = left.map(({ entry, code }) => `${entry} (${reasons.get(code) ?? 'not possible'})`)
  const text = [
    part(restored, 3, ['autostart entry', 'autostart entries', 'restored']),
    part(why, 3, ['autostart entry', 'autostart entries', 'not restored']),
  ]
    .filter(Boolean)
    .join('; ')
  return shortened(text.charAt(0).toUpperCase() + text.slice(1), length)
}

const reasons: ReadonlyMap<GivenEntries['left'][number]['code'], string> = new Map([
  ['target-exists', 'what is there was changed'],
  ['not-found', 'its place is gone'],
  ['needs-administrator', 'needs an administrator'],
])

function withNamed({ ended, autostartRemoved, autostartLeft = [] }: TreatmentActs, named: number): string {
  return [
    part(ended, named, ['process', 'processes', 'ended']),
    part(autostartRemoved, named, ['autostart entry', 'autostart entries', 'removed']),
    part(autostartLeft, named, ['autostart entry', 'autostart entries', 'could not be removed']),
  ]
    .filter((text) => text !== '')
    .join('; ')
}

function part(texts: readonly string[], named: number, [one, many, verb]: readonly [string, string, string]): string {
  const count = countOf(texts)
  const known = moreIn(texts) === undefined ? texts : texts.slice(0, -1)
  if (count === 0) return ''
  const shown = known.slice(0, named)
  const more = count - shown.length
  const list = more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more.toLocaleString('en')} more`
  return `${count === 1 ? one : many} ${list} ${verb}`
}

function countOf(texts: readonly string[]): number {
  const more = moreIn(texts)
  return more === undefined ? texts.length : texts.length - 1 + more
}

/** The last of too many says how many more there are. */
function moreIn(texts: readonly string[]): number | undefined {
  const more = /^and (\d+) more$/.exec(texts.at(-1) ?? '')?.[1]
  return more === undefined ? undefined : Number(more)
}
