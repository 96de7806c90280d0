// Copies in which nothing is found any more with new databases: proposed for restore, on top of the list. Owns the proposal only;
// nothing is restored by itself.
import { Button } from '@mantine/core'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { plural } from '#shared/ui/format/count.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { objectName } from '#shared/ui/text/state-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { useRestore, useRestoring } from './restore.ts'

/** One after the other, the newest first. */
export function FalseAlarms() {
  const { count, newest } = useTopic('quarantine').falseAlarms
  const [item] = newest
  return item === undefined ? null : <Proposal item={item} others={count - 1} />
}

function Proposal({ item, others }: { readonly item: QuarantineItem; readonly others: number }) {
  const client = useClient()
  const restore = useRestore()
  const isRestoring = useRestoring(({ busy }) => busy.has(item.id))
  const { busy, run } = useAct()
  const { name } = objectName({ path: item.originalPath, findings: [] })
  const keep = () =>
    run('keep', async () => {
      await client.call('quarantine.keep', { ids: [item.id] })
    })
  return (
    <section className="quarantine-proposal" aria-label="Possible false alarm">
      <StatusIcon status="info" size={18} />
      <div className="quarantine-proposal-text">
        <p className="quarantine-proposal-title t-strong">
          <MiddleCut text={name} keep={9} /> <span>looks like a false alarm</span>
        </p>
        <p className="t-2">
          With the databases in use nothing is found in it.
          {others > 0 && ` ${plural(others, 'more object is', 'more objects are')} no longer detected.`}
        </p>
      </div>
      <Button
        variant="filled"
        disabled={!item.restorable}
        loading={isRestoring}
        onClick={() => restore({ ...item, name })}
      >
        Restore
      </Button>
      <Button loading={busy !== null} onClick={keep}>
        Keep
      </Button>
    </section>
  )
}
