// What was done besides, in words that are the same in every list: `name (pid)`, and the place of an entry with what stood there.
// Pure.
import { shortened } from '#shared/domain/shortened.ts'
import type { TreatmentActs } from '#shared/domain/treatment.ts'
import { toFilePath } from '../../files/path-text.ts'
import type { FoundFile } from './autostart/entry.ts'
import type { AutostartPort } from './autostart/port.ts'

const mostTexts = 20
const longestText = 256
/** Of the place, so that what stood there is shown too. */
const longestPlace = 150

/** One text for a file or link that goes, else one for each of its entries. */
export function actTexts({ path, entries, change }: FoundFile, homes: AutostartPort['homes']): string[] {
  const place = placeText(path, homes)
  return change.kind === 'rewrite' ? lineTexts(place, entries) : [shortened(place, longestText)]
}

/** One text for each line that goes. */
export function lineTexts(place: string, entries: readonly string[]): string[] {
  return bounded(entries.map((entry) => `${shortened(place, longestPlace)}: ${entry}`))
}

/** A path with `~` for one's own home. */
export function placeText(path: string, homes: AutostartPort['homes']): string {
  const home = homes === 'all' ? undefined : homes.find((one) => path.startsWith(`${one}/`))
  const text = home === undefined ? path : `~${path.slice(home.length)}`
  return toFilePath(Buffer.from(text, 'latin1')).text
}

/** Undefined when nothing was done besides the object itself. */
export function actsOf(
  ended: readonly { readonly name: string; readonly pid: number }[],
  removed: readonly string[],
  left: readonly string[],
): TreatmentActs | undefined {
  if (ended.length + removed.length + left.length === 0) return undefined
  return {
    ended: bounded(ended.map(({ name, pid }) => `${name} (${pid})`)),
    autostartRemoved: bounded(removed),
    ...(left.length === 0 ? {} : { autostartLeft: bounded(left) }),
  }
}

/** The last of too many says how many more there are. */
function bounded(texts: readonly string[]): string[] {
  const short = texts.map((text) => shortened(text, longestText))
  if (short.length <= mostTexts) return short
  return [...short.slice(0, mostTexts - 1), `and ${short.length - mostTexts + 1} more`]
}
