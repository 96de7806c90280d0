// Deletes copies for good; main asks the person first. Tells how many are gone.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { plural } from '#shared/ui/format/count.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { AppClient } from '../../bridge/app-client.ts'

const pageSize = 200
const mostAtOnce = 10_000

/** All copies that fit the search, up to what one call may delete. */
export async function listCopies(client: AppClient, search = ''): Promise<readonly QuarantineItem[]> {
  const items: QuarantineItem[] = []
  for (;;) {
    const page = await client.call('quarantine.list', { search, offset: items.length, limit: pageSize })
    items.push(...page.items)
    if (page.items.length === 0 || items.length >= Math.min(page.total, mostAtOnce)) return items.slice(0, mostAtOnce)
  }
}

/** Fails with `aborted` when the person cancels. */
export async function deleteCopies(client: AppClient, ids: readonly QuarantineId[]): Promise<void> {
  if (ids.length === 0) return
  const { deleted } = await client.call('quarantine.delete', { ids: [...ids] })
  showToast({ kind: 'done', title: `${plural(deleted, 'object', 'objects')} deleted for good` })
}
