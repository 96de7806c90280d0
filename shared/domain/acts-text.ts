// What was done besides a detected object, in one line: the same words in the history, in reports and on the command line. Pure.
import { shortened } from './shortened.ts'
import type { TreatmentActs } from './treatment.ts'

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
  const last = /^and (\d+) more$/.exec(texts.at(-1) ?? '')?.[1]
  const known = last === undefined ? texts : texts.slice(0, -1)
  const count = known.length + Number(last ?? 0)
  if (count === 0) return ''
  const shown = known.slice(0, named)
  const more = count - shown.length
  const list = more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more.toLocaleString('en')} more`
  return `${count === 1 ? one : many} ${list} ${verb}`
}
