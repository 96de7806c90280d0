// Deleting copies for good: what stays, and why, is told.
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { clearToasts, onlyToast } from '#shared/ui/testing/shown-toasts.ts'
import type { AppClient } from '../../bridge/app-client.ts'
import { deleteAllCopies, deleteCopies } from './delete-copies.ts'

afterEach(clearToasts)

const copy = (n: number, condition?: QuarantineItem['condition']) => ({ id: `copy-${n}`, condition }) as QuarantineItem

/** An app with these copies; one that waits for a restart is never deleted. */
function appWith(copies: readonly QuarantineItem[]) {
  let kept = [...copies]
  const asked: number[] = []
  const call = async (name: string, input: { offset: number; limit: number; ids: string[] }) => {
    if (name === 'quarantine.list')
      return { total: kept.length, items: kept.slice(input.offset, input.offset + input.limit) }
    asked.push(input.ids.length)
    const before = kept.length
    kept = kept.filter(({ id, condition }) => condition === 'at-restart' || !input.ids.includes(id))
    return { deleted: before - kept.length }
  }
  return { client: { call } as unknown as AppClient, asked, kept: () => kept.length }
}

describe('a copy that waits for a restart', () => {
  it('is not asked to be deleted, and the person is told why', async () => {
    const held = copy(1, 'at-restart')
    const { client, asked } = appWith([held])
    await deleteCopies(client, [held])
    expect(asked).toEqual([])
    expect(onlyToast()).toMatchObject({
      status: 'info',
      title: 'Nothing was deleted',
      detail: '1 copy stays: it is needed until the computer is restarted.',
    })
  })

  it('stays when all are deleted: how many go and how many stay', async () => {
    const { client, asked, kept } = appWith([copy(1, 'at-restart'), copy(2), copy(3, 'damaged'), copy(4, 'at-restart')])
    await deleteAllCopies(client)
    expect([asked, kept()]).toEqual([[2], 2])
    expect(onlyToast()).toMatchObject({ status: 'good', title: '2 objects deleted for good' })
    expect(onlyToast().detail).toMatch(/^2 copies stay: they are needed until/)
  })

  it('since the list was made is told as well', async () => {
    const { client } = appWith([copy(1), copy(2, 'at-restart')])
    await deleteCopies(client, [copy(1), copy(2)])
    expect(onlyToast()).toMatchObject({ status: 'attention', title: '1 object deleted for good' })
    expect(onlyToast().detail).toMatch(/^1 copy was not deleted: gone already, or needed/)
  })
})

it('more than one call can carry: says how many are left, and goes on when the person says so', async () => {
  const { client, asked, kept } = appWith(
    Array.from({ length: 10_305 }, (_, n) => copy(n, n < 5 ? 'at-restart' : undefined)),
  )
  await deleteAllCopies(client)
  expect(asked).toEqual([10_000])
  expect(onlyToast()).toMatchObject({ status: 'attention', title: '10,000 objects deleted for good' })
  expect(onlyToast().detail).toContain('300 more are left: at most 10,000 are deleted at once.')
  const { action } = onlyToast()
  clearToasts()
  action?.run()
  await vi.waitFor(() => expect(onlyToast()).toMatchObject({ status: 'good', title: '300 objects deleted for good' }))
  expect([asked, kept()]).toEqual([[10_000, 300], 5])
  expect(onlyToast().detail).toMatch(/^5 copies stay/)
})
