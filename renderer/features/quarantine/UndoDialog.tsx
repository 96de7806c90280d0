// The question when something is to be undone that is still detected: it comes back only with an exclusion.

import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { useLast } from '#shared/ui/use-last.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { undoWithExclusion, useUndoQuestion } from './undo-acts.ts'

/** Closed while there is no question. */
export function UndoDialog() {
  const client = useClient()
  const question = useUndoQuestion((state) => state.question)
  const shown = useLast(question)
  if (shown === undefined) return null
  const count = shown.ids.length
  const close = () => useUndoQuestion.setState({ question: null })
  const [is, they, it] = count === 1 ? ['is', 'It', 'it'] : ['are', 'They', 'them']
  return (
    <ConfirmDialog
      opened={question !== null}
      danger
      title={`${plural(count, 'object', 'objects')} ${is} still detected`}
      consequence={`${they} can do harm again; without an exclusion the next scan would treat ${it} again.`}
      verb="Restore and add to exclusions"
      onClose={close}
      onConfirm={() => {
        close()
        undoWithExclusion(client, shown)
      }}
    />
  )
}
