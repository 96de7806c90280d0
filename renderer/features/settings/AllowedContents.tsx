// Contents that were restored and excluded: no scan reports them. Listed with the exclusions, to be removed one by one. Owns the
// view; the list is the client's.
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { AllowedContent } from '#shared/files/allow-file.ts'
import { plural } from '#shared/ui/format/count.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'

type Content = ReturnType<typeof AllowedContent.parse>

const firstShown = 10
const mostShown = 200

/** A row, with the newest of them under it. */
export function AllowedContents() {
  const client = useClient()
  const { allowed } = useTopic('quarantine')
  const [limit, setLimit] = useState(firstShown)
  const [items, setItems] = useState<readonly Content[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number means another list
  useEffect(() => {
    client
      .call('allowed.list', { offset: 0, limit })
      .then((page) => setItems(page.items))
      .catch(tellFailure)
  }, [client, limit, allowed])
  const remove = (sha256: string) => {
    client.call('allowed.remove', { sha256s: [sha256] }).catch(tellFailure)
  }
  return (
    <div>
      <Row
        title="Excluded files"
        detail={
          allowed === 0
            ? 'None. Files that you restore from Quarantine and exclude are listed here.'
            : `${plural(allowed, 'file is', 'files are')} not reported by any scan, wherever ${allowed === 1 ? 'it is' : 'they are'}, as long as the content is the same.`
        }
      />
      {allowed > 0 && (
        <ul className="settings-paths settings-allowed" aria-label="Excluded files">
          {items.map(({ sha256, name, at }) => (
            <li key={sha256}>
              <MiddleCut text={name} className="t-2" />
              <span className="mono t-caption t-3" title={sha256}>
                {sha256.slice(0, 12)}…
              </span>
              <span className="t-caption t-3">
                <When at={at} form="short" capital />
              </span>
              <ActionIcon size="xs" aria-label={`Remove ${name}`} onClick={() => remove(sha256)}>
                <IconX size={14} stroke={1.6} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {allowed > items.length && limit < mostShown && (
        <div className="settings-more">
          <Button size="xs" onClick={() => setLimit(mostShown)}>
            Show more
          </Button>
        </div>
      )}
    </div>
  )
}
