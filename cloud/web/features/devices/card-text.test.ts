// What a card says about a device of which nothing is known yet.
import { expect, it } from 'vitest'
import { sampleDevice } from '../../testing/samples.ts'
import { cardReason } from './card-text.ts'

it.each([
  [true, 'The device has just been connected.'],
  [false, 'Never connected'],
])('a device that has never reported is waited for (online: %s)', (online, detail) => {
  const card = { ...sampleDevice(1), online, state: null, lastContactAt: null, status: 'needs-attention' as const }
  expect(cardReason(card, new Date())).toEqual({ title: 'Waiting for its first report', detail })
})
