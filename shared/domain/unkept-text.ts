// Words for what a cured file does not have as the original had it. The same in histories and on the command line.
import type { UnkeptProperty } from './treatment.ts'

const words: Readonly<Record<Exclude<UnkeptProperty, 'privileges'>, string>> = {
  group: 'group',
  'access-list': 'access list',
  attributes: 'extended attributes',
  'security-label': 'security label',
}

/** "not kept: group, access list; runs without special rights now"; empty when everything was kept. */
export function unkeptText(unkept: readonly UnkeptProperty[]): string {
  const names = unkept.flatMap((each) => (each === 'privileges' ? [] : [words[each]]))
  const parts = [
    ...(names.length === 0 ? [] : [`not kept: ${names.join(', ')}`]),
    ...(unkept.includes('privileges') ? ['runs without special rights now'] : []),
  ]
  return parts.join('; ')
}
