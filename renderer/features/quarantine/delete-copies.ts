// Deletes copies for good; main asks the person first. Tells how many are gone, how many stay, and why.
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { showToast, type ToastContent } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { tellFailure } from '../../bridge/client-context.tsx'

const pageSize = 200
/** As many as one call may delete. */
const mostAtOnce = 10_000

/** Why such a copy cannot be deleted now. */
export const heldReason = 'Needed until the computer is restarted'

/** Its object is disinfected when the computer is restarted; until then it is the only copy there is. */
export function isHeld({ condition }: Pick<QuarantineItem, 'condition'>): boolean {
  return condition === 'at-restart'
}

/** All copies that fit the search, up to what one call may delete. */
export async function listCopies(client: AppClient, search = ''): Promise<readonly QuarantineItem[]> {
  return (await listFirst(client, search)).items
}

/** Deletes every copy that can be deleted; what is too much for one call is offered afterwards. */
export async function deleteAllCopies(client: AppClient): Promise<void> {
  const { items, left } = await listFirst(client, '')
  await deleteCopies(client, items, left)
}

/** `left`: others that were meant as well. Fails with `aborted` when the person cancels. */
export async function deleteCopies(client: AppClient, items: readonly QuarantineItem[], left = 0): Promise<void> {
  if (items.length === 0) return
  const ids = items.filter((item) => !isHeld(item)).map(({ id }) => id)
  const { deleted } = ids.length === 0 ? { deleted: 0 } : await client.call('quarantine.delete', { ids })
  showToast(deletedToast(client, { deleted, held: items.length - ids.length, failed: ids.length - deleted, left }))
}

interface Counts {
  readonly deleted: number
  readonly held: number
  /** Gone already, or needed since the list was made. */
  readonly failed: number
  readonly left: number
}

function deletedToast(client: AppClient, { deleted, held, failed, left }: Counts): ToastContent {
  const restarted = 'needed until the computer is restarted'
  const detail = [
    held > 0 ? `${plural(held, 'copy stays: it is', 'copies stay: they are')} ${restarted}.` : '',
    failed > 0 ? `${plural(failed, 'copy was', 'copies were')} not deleted: gone already, or ${restarted}.` : '',
    left > 0 ? `${formatCount(left)} more are left: at most ${formatCount(mostAtOnce)} are deleted at once.` : '',
  ]
  return {
    kind: left > 0 || failed > 0 ? 'attention' : deleted === 0 ? 'info' : 'done',
    title: deleted === 0 ? 'Nothing was deleted' : `${plural(deleted, 'object', 'objects')} deleted for good`,
    detail: detail.filter(Boolean).join(' '),
    ...(left > 0
      ? { action: { label: 'Delete the rest', run: () => void deleteAllCopies(client).catch(tellFailure) } }
      : {}),
  }
}

/** So many that those which can be deleted fill one call; `left`: copies that are not among them. */
async function listFirst(client: AppClient, search: string) {
  const items: QuarantineItem[] = []
  let deletable = 0
  for (;;) {
    const page = await client.call('quarantine.list', { search, offset: items.length, limit: pageSize })
    for (const item of page.items) {
      if (deletable === mostAtOnce) break
      items.push(item)
      if (!isHeld(item)) deletable += 1
    }
    const left = Math.max(0, page.total - items.length)
    if (page.items.length === 0 || left === 0 || deletable === mostAtOnce) return { items, left }
  }
}
