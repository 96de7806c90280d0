// The question when something is to be undone that is still detected on the computer: it comes back only with an exclusion.
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { useLast } from '#shared/ui/use-last.ts'
import { type UndoQuestion, undoWithExclusion, useUndoQuestion } from './undo-acts.ts'

/** Closed while there is no question. */
export function UndoQuestionDialog() {
  const question = useUndoQuestion((state) => state.question)
  const shown = useLast(question)
  if (shown === undefined) return null
  const close = () => useUndoQuestion.setState({ question: null })
  return (
    <ConfirmDialog
      opened={question !== null}
      danger
      {...wordsOf(shown)}
      onClose={close}
      onConfirm={() => {
        close()
        void undoWithExclusion(shown)
      }}
    />
  )
}

function wordsOf({ card, objects }: UndoQuestion) {
  const isOne = objects.length === 1
  const startsAgain = objects.some(({ autostartEntries = 0 }) => autostartEntries > 0)
  const [it, goes, is] = isOne ? ['it', 'It goes', 'it is'] : ['them', 'They go', 'they are']
  return {
    title: `Restore ${plural(objects.length, 'object', 'objects')} and add ${it} to the exclusions?`,
    consequence: [
      `${goes} back although ${is} still detected, and no scan on ${card.name} reports ${it} any more.`,
      ...(startsAgain ? ['What started code by itself and was removed comes back too.'] : []),
    ].join(' '),
    verb: 'Restore and exclude',
  }
}
