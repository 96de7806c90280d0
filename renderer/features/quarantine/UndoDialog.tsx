// The question when something is to be undone that is still detected: it comes back only with an exclusion.

import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { undoActs, useUndoQuestion } from './undo-acts.ts'

/** Nothing while there is no question. */
export function UndoDialog() {
  const client = useClient()
  const question = useUndoQuestion((state) => state.question)
  if (question === null) return null
  const { ids, count } = question
  const close = () => useUndoQuestion.setState({ question: null })
  const [is, they] = count === 1 ? ['is', 'It'] : ['are', 'They']
  return (
    <ConfirmDialog
      opened
      danger
      title={`${plural(count, 'object', 'objects')} ${is} still detected`}
      consequence={`${they} can do harm again; without an exclusion the next scan would treat ${count === 1 ? 'it' : 'them'} again.`}
      verb="Restore and add to exclusions"
      onClose={close}
      onConfirm={() => {
        close()
        undoActs(client, ids, true)
      }}
    />
  )
}
