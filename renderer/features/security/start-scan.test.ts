// Where a person is when the scan they started has been accepted. Only the client is made up.
import { beforeEach, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { clearToasts, onlyToast } from '#shared/ui/testing/shown-toasts.ts'
import type { AppClient } from '../../bridge/app-client.ts'
import { goTo, useNavigation } from '../../state/navigation.ts'
import { startScan } from './start-scan.ts'

let answer: (error?: Error) => void = () => undefined
const client = {
  call: () =>
    new Promise((resolve, reject) => {
      answer = (error) => (error ? reject(error) : resolve({}))
    }),
} as unknown as AppClient
const shown = () => useNavigation.getState().section

beforeEach(() => {
  clearToasts()
  goTo('home')
})

it('a scan that was accepted is shown', async () => {
  const started = startScan(client, { type: 'quick' })
  expect(shown()).toBe('home')
  answer()
  await started
  expect(shown()).toBe('security')
})

it('whoever has opened another section meanwhile stays there, however late the answer comes', async () => {
  const started = startScan(client, { type: 'quick' })
  goTo('reports')
  answer()
  await started
  expect(shown()).toBe('reports')
})

it('one that already runs is shown, with a word', async () => {
  const started = startScan(client, { type: 'full' })
  answer(new ProductError('already-running'))
  await started
  expect(onlyToast().title).toBe('Already running on this device')
  expect(shown()).toBe('security')
})
