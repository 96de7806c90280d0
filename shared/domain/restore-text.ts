// What a restored file does not have any more, in words. English; pure; the same in the app, its history and the command line.
import type { RestoreLoss } from './treatment.ts'

const words: Record<RestoreLoss, string> = {
  owner: 'owner',
  group: 'group',
  mode: 'rights',
  'special-mode': 'right to run as another user',
  run: 'right to run',
  attributes: 'extended attributes',
  acl: 'access control list',
  times: 'times',
  links: 'links to it',
  'other-names': 'its other names (hard links), which are another file now',
}

/** "Not kept: owner, right to run."; empty when all of it was kept. */
export function lossText(notKept: readonly RestoreLoss[]): string {
  return notKept.length === 0 ? '' : `Not kept: ${notKept.map((loss) => words[loss]).join(', ')}.`
}
