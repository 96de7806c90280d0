// Order, counts and filters of the device list.
import { describe, expect, it } from 'vitest'
import { sampleDevice } from '../testing/samples.ts'
import { countFilters, keepOrder, matchesSearch, passesFilter, sortWorstFirst, standingOf } from './device-view.ts'
import { routeOf } from './route.ts'

const cards = [
  sampleDevice(1, { name: 'off', online: false, status: 'at-risk' }),
  sampleDevice(2, { name: 'good' }),
  sampleDevice(3, { name: 'busy', busy: true }),
  sampleDevice(4, { name: 'yellow', status: 'needs-attention' }),
  sampleDevice(5, { name: 'red, older', status: 'at-risk', since: '2026-11-20T12:00:00.000Z' }),
  sampleDevice(6, { name: 'red, busy', status: 'at-risk', busy: true }),
]

describe('device list', () => {
  it('puts red, yellow, blue, green, offline, and the newest of a status first', () => {
    expect(sortWorstFirst(cards).map((card) => card.name)).toEqual([
      'red, busy',
      'red, older',
      'yellow',
      'busy',
      'good',
      'off',
    ])
  })

  it('lets busy hide neither red nor yellow', () => {
    expect(standingOf(sampleDevice(1, { status: 'at-risk', busy: true }))).toBe('at-risk')
    expect(cards.filter((card) => passesFilter(card, 'busy')).map((card) => card.name)).toEqual(['busy', 'red, busy'])
  })

  it('never lets an ignored notice turn the status', () => {
    expect(standingOf(sampleDevice(1, { status: 'needs-attention', ignored: true }))).toBe('needs-attention')
  })

  it('counts what each filter shows', () => {
    expect(countFilters(cards)).toEqual({
      all: 6,
      'at-risk': 2,
      'needs-attention': 1,
      busy: 2,
      protected: 1,
      offline: 1,
    })
  })

  it('searches in names without regard to case and spaces around', () => {
    expect(cards.filter((card) => matchesSearch(card, ' RED ')).length).toBe(2)
  })

  it('keeps the order under the pointer', () => {
    expect(keepOrder(['a', 'b', 'c'], ['d', 'c', 'a'])).toEqual(['a', 'c', 'd'])
  })
})

describe('addresses', () => {
  const id = '00000000-0000-4000-8000-000000000001'

  it('name the screens', () => {
    expect(routeOf('/', '')).toEqual({ screen: 'devices' })
    expect(routeOf('/devices/', '')).toEqual({ screen: 'devices' })
    expect(routeOf(`/devices/${id}/objects`, '')).toEqual({ screen: 'device', deviceId: id, tab: 'objects' })
    expect(routeOf('/password', '?token=abc')).toEqual({ screen: 'password', token: 'abc' })
    expect(routeOf('/devices/x', '')).toEqual({ screen: 'not-found' })
  })
})
