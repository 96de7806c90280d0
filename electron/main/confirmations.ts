// The words of every question that main asks before a call marked `confirm: 'native'` is carried out.
// Owns the words; a call that is marked and has none does not compile.

import { brand } from '#shared/brand.ts'
import type { AppState } from '#shared/domain/app-state.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallName, CallRequest } from '#shared/rpc/contract.ts'
import type { Question } from './dialogs.ts'

/** The calls that are confirmed. */
export type ConfirmedCall =
  | 'detections.restore'
  | 'detections.deleteWithoutCopy'
  | 'quarantine.restore'
  | 'quarantine.delete'
  | 'account.disconnect'
  | 'restart.now'

type Words<N extends CallName<AppContract>> = (input: CallRequest<AppContract, N>, state: AppState) => Question

const words: { readonly [N in ConfirmedCall]: Words<N> } = {
  'quarantine.restore': ({ id, targetFolder, newName, exclude }, state) => ({
    title: exclude ? 'Restore this object and add it to the exclusions?' : 'Restore this object?',
    detail: [
      targetFolder === null ? 'It returns to the folder it came from' : `It is put into ${targetFolder}`,
      newName === null ? '.' : ` as ${newName}.`,
      targetFolder === null && newName === null ? startsAgain(state, (one) => one.quarantineId === id) : '',
      ` ${exclude ? excluded(1) : 'The copy stays in Quarantine.'}`,
    ].join(''),
    verb: exclude ? 'Restore and exclude' : 'Restore',
  }),
  'detections.restore': ({ ids, exclude }, state) => ({
    title: `Restore ${plural(ids.length)}${exclude ? ` and add ${ids.length === 1 ? 'it' : 'them'} to the exclusions` : ''}?`,
    detail: [
      ids.length === 1
        ? `It returns to the folder it came from.${startsAgain(state, (one) => one.id === ids[0])}`
        : `They return to the folders they came from.${startAgain}`,
      exclude ? excluded(ids.length) : `${ids.length === 1 ? 'The copy stays' : 'The copies stay'} in Quarantine.`,
    ].join(' '),
    verb: exclude ? 'Restore and exclude' : 'Restore',
  }),
  'detections.deleteWithoutCopy': ({ ids }) => ({
    title: `Delete ${plural(ids.length)} without a copy?`,
    detail: `No copy can be kept in Quarantine, so ${ids.length === 1 ? 'it' : 'they'} cannot be restored.`,
    verb: 'Delete without a copy',
  }),
  'quarantine.delete': ({ ids }) => ({
    title: `Delete ${plural(ids.length)} for good?`,
    detail: `${ids.length === 1 ? 'Its copy leaves' : 'Their copies leave'} Quarantine and cannot be restored.`,
    verb: 'Delete for good',
  }),
  'account.disconnect': () => ({
    title: `Disconnect this computer from ${brand.portal}?`,
    detail: 'Remote control stops at once. Protection and settings stay as they are, and you can connect again.',
    verb: 'Disconnect',
  }),
  'restart.now': (_input, { restart }) => ({
    title: 'Restart the computer now?',
    detail: [
      'Save your work first: all programs will close.',
      ...(restart.value.pending.length > 0 ? ['Disinfection is finished after the restart.'] : []),
    ].join(' '),
    verb: 'Restart',
  }),
}

/** Before settings are changed in a way that may delete copies for good; null: nothing can be lost. */
export function questionForSettings(
  { quarantine }: CallRequest<AppContract, 'settings.change'>,
  { settings }: AppState,
): Question | null {
  const before = settings.value.quarantine.retentionDays
  if (quarantine === undefined || quarantine.retentionDays >= before) return null
  const days = quarantine.retentionDays.toLocaleString('en')
  return {
    title: `Keep copies for ${days} ${quarantine.retentionDays === 1 ? 'day' : 'days'} only?`,
    detail: 'Copies that are older are deleted for good now, and what was done to those objects cannot be undone.',
    verb: 'Delete older copies',
  }
}

/** What was removed with an object comes back with it. */
function startsAgain({ detections, quarantine }: AppState, isMeant: (one: Meant) => boolean): string {
  const known = detections.value.recent.find(isMeant)
  if (known !== undefined) {
    const { autostartEntries: count = 0 } = known
    if (count === 0) return ''
    return ` Its ${count === 1 ? 'autostart entry comes' : 'autostart entries come'} back too: it may start by itself again.`
  }
  const isOther = quarantine.value.newest.some(
    (copy) => copy.copyOf !== undefined && isMeant({ quarantineId: copy.id }),
  )
  return isOther ? '' : ' If autostart entries were removed with it, they come back too.'
}

type Meant = Partial<Pick<AppState['detections']['value']['recent'][number], 'id' | 'quarantineId'>>

const startAgain = ' Autostart entries that were removed with them come back too.'

function plural(count: number): string {
  return count === 1 ? '1 object' : `${count.toLocaleString('en')} objects`
}

function excluded(count: number): string {
  return count === 1
    ? 'It is restored even if a threat is still detected in it, and no scan reports it any more.'
    : 'They are restored even if threats are still detected in them, and no scan reports them any more.'
}

/** The question before a confirmed call. */
export function questionFor<N extends ConfirmedCall>(
  name: N,
  input: CallRequest<AppContract, N>,
  state: AppState,
): Question {
  return words[name](input, state)
}
