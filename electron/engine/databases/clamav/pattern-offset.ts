// Where in a content a pattern of ClamAV has to lie: reads such offsets and writes them as YARA expressions.
// Source: ClamAV's documentation of extended signatures and `cli_caloff` of its matcher.

/**
 * The size of the content. YARA-X (1.20) takes the bounds of a plain `filesize` for all rules that have a pattern in common
 * with the one that bounds it, and then misses these; of a difference it takes none.
 */
export const fileSize = '(filesize - 0)'

/** What kinds of content a signature is for, as far as they are told apart here. */
export type Target = 'any' | 'pe' | 'elf' | 'macho'

/** Where a match may begin. */
export type Place =
  | { readonly kind: 'anywhere' }
  /** `guard`: what must hold for the offset to exist. `first` alone (`last` null): exactly there. */
  | {
      readonly kind: 'between'
      readonly first: string
      readonly last: string | null
      /** Bytes from the first to the last place; Infinity where that is not known. */
      readonly shift: number
      readonly guard: string | null
      /** The offset is the same in every content. */
      readonly isConstant: boolean
    }

/** A place, or the reason why there is none. */
export function readOffset(text: string, target: Target): Place | string {
  if (text === '*') return { kind: 'anywhere' }
  const [start = '', shift, ...more] = text.split(',')
  if (more.length > 0 || (shift !== undefined && !isNumber(shift))) return 'malformed'
  const far = shift === undefined || Number(shift) === 0 ? 0 : Number(shift)
  if (isNumber(start)) {
    const first = Number(start)
    const last = far === 0 ? null : `${first + far}`
    return { kind: 'between', first: `${first}`, last, shift: far, guard: null, isConstant: true }
  }
  const end = /^EOF-(\d{1,10})$/.exec(start)
  if (end !== null) {
    const first = `${fileSize} - ${Number(end[1])}`
    // Of something that only looks like a program ClamAV does not know where it ends.
    return between(first, far, target === 'pe' ? `pe.is_pe and ${first} >= 0` : `${first} >= 0`)
  }
  return inProgram(start, far, target)
}

function inProgram(start: string, far: number, target: Target): Place | string {
  const entry = /^EP([+-])(\d{1,10})$/.exec(start)
  if (entry !== null) {
    const place = entryPoint(target)
    if (place === null) return 'offset from the entry point'
    const distance = Number(entry[2])
    const guard = entry[1] === '-' ? `${place} >= ${distance}` : null
    return between(`${place} ${entry[1]} ${distance}`, far, guard)
  }
  if (target !== 'pe') return 'offset type'
  const section = /^S(\d{1,3})\+(\d{1,10})$/.exec(start)
  if (section !== null)
    return between(`pe.sections[${Number(section[1])}].raw_data_offset + ${Number(section[2])}`, far, null)
  const last = /^SL\+(\d{1,10})$/.exec(start)
  if (last !== null)
    return between(`pe.sections[pe.number_of_sections - 1].raw_data_offset + ${Number(last[1])}`, far, null)
  const whole = /^SE(\d{1,3})$/.exec(start)
  if (whole === null) return 'offset type'
  const it = `pe.sections[${Number(whole[1])}]`
  const end = `${it}.raw_data_offset + ${it}.raw_data_size + ${far}`
  return {
    kind: 'between',
    first: `${it}.raw_data_offset`,
    last: end,
    shift: Number.POSITIVE_INFINITY,
    guard: null,
    isConstant: false,
  }
}

function between(first: string, far: number, guard: string | null): Place {
  const last = far === 0 ? null : `${first} + ${far}`
  return { kind: 'between', first, last, shift: far, guard, isConstant: false }
}

/** Its offset in the file. */
export function entryPoint(target: Target): string | null {
  return target === 'pe' ? 'pe.entry_point' : target === 'elf' ? 'elf.entry_point' : null
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text)
}
