// The words of every question that main asks before a call marked `confirm: 'native'` is carried out.
// Owns the words; a call that is marked and has none does not compile.

import { brand } from '#shared/brand.ts'
import type { AppState } from '#shared/domain/app-state.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallName, CallRequest } from '#shared/rpc/contract.ts'
import type { Question } from './dialogs.ts'

/** The calls that are confirmed. */
export type ConfirmedCall = 'quarantine.restore' | 'quarantine.delete' | 'account.disconnect' | 'restart.now'

type Words<N extends CallName<AppContract>> = (input: CallRequest<AppContract, N>, state: AppState) => Question

const words: { readonly [N in ConfirmedCall]: Words<N> } = {
  'quarantine.restore': ({ targetFolder, evenIfDetected }) => ({
    title: evenIfDetected ? 'Restore an object that is still detected?' : 'Restore this object?',
    detail: [
      targetFolder === null ? 'It returns to the folder it came from.' : `It is put into ${targetFolder}.`,
      evenIfDetected
        ? 'It may be dangerous: the databases in use still detect a threat in it.'
        : 'The copy stays in Quarantine.',
    ].join(' '),
    verb: evenIfDetected ? 'Restore anyway' : 'Restore',
  }),
  'quarantine.delete': ({ ids }) => ({
    title:
      ids.length === 1 ? 'Delete 1 object for good?' : `Delete ${ids.length.toLocaleString('en')} objects for good?`,
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

/** The question before a confirmed call. */
export function questionFor<N extends ConfirmedCall>(
  name: N,
  input: CallRequest<AppContract, N>,
  state: AppState,
): Question {
  return words[name](input, state)
}
