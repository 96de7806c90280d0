// A free name for a copy that is restored beside a file of its own name: "report (restored).docx". Pure.

const mostBytes = 255

/** The next name to try: the number grows where the name is such a one already. */
export function restoredName(name: string): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const counted = / \(restored(?: (\d+))?\)$/.exec(stem)
  const plain = counted === null ? stem : stem.slice(0, counted.index)
  const mark = counted === null ? ' (restored)' : ` (restored ${Number(counted[1] ?? 1) + 1})`
  return `${cut(plain, mostBytes - bytes(mark) - bytes(extension))}${mark}${extension}`
}

/** Why a name cannot be used; null when it can. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'Enter a name.'
  if (/[/\p{Cc}\p{Cf}\p{Cs}]/u.test(name) || name === '.' || name === '..') return 'Use a name without slashes.'
  return bytes(name) > mostBytes ? 'Use a shorter name.' : null
}

function cut(text: string, most: number): string {
  const characters = [...text]
  while (bytes(characters.join('')) > most) characters.pop()
  return characters.join('')
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
