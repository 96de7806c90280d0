// Goes back to the version of the databases that was in use before, and forth again. Never fetches anything.
import { ProductError } from '#shared/errors.ts'
import { openGeneration } from './generations.ts'
import { readState, type UpdateState, writeState } from './update-state.ts'

/**
 * The version in use and the one before change places; null stands for the databases that ship with the product. The caller
 * has the data folder for itself. Throws ProductError `no-previous-databases`, `update-damaged` when the files of the version
 * before are not what they were, `storage-damaged`; nothing is changed then.
 */
export function rollBack(dataDir: string): Pick<UpdateState, 'current' | 'previous'> {
  const state = readState(dataDir)
  const { current, previous } = state
  if (current === null && previous === null) throw new ProductError('no-previous-databases')
  const opened = previous === null ? null : openGeneration(dataDir, previous)
  if (opened !== null && 'problem' in opened) throw new ProductError('update-damaged', opened.problem)
  writeState(dataDir, { ...state, current: previous, previous: current })
  return { current: previous, previous: current }
}
