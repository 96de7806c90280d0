// The mirror never goes back: late snapshots and late command reports lose against newer news.
import { describe, expect, it } from 'vitest'
import { sampleCommand, sampleDevice, uuid } from '../testing/samples.ts'
import {
  emptyMirror,
  withCommands,
  withDevice,
  withLiveLink,
  withObjectsChanged,
  withoutDevice,
  withSnapshot,
  withStaleLink,
} from './mirror.ts'

const names = (mirror: typeof emptyMirror) => [...mirror.devices.values()].map((card) => card.name)
const statuses = (mirror: typeof emptyMirror) => (mirror.commands.get(uuid(1)) ?? []).map((record) => record.status)

describe('snapshot and events', () => {
  it('keeps what an event told after the snapshot was asked for', () => {
    const askedAt = emptyMirror.events
    const heard = withDevice(emptyMirror, sampleDevice(1, { name: 'new name' }))
    expect(names(withSnapshot(heard, [sampleDevice(1, { name: 'old name' }), sampleDevice(2)], askedAt))).toEqual([
      'Device 2',
      'new name',
    ])
  })

  it('does not bring back a device that was removed meanwhile', () => {
    const before = withSnapshot(emptyMirror, [sampleDevice(1), sampleDevice(2)], 0)
    const removed = withoutDevice(before, uuid(1))
    expect(names(withSnapshot(removed, [sampleDevice(1), sampleDevice(2)], before.events))).toEqual(['Device 2'])
  })

  it('replaces what was heard before the snapshot was asked for', () => {
    const heard = withDevice(emptyMirror, sampleDevice(1, { name: 'older' }))
    expect(names(withSnapshot(heard, [sampleDevice(1, { name: 'newer' })], heard.events))).toEqual(['newer'])
    expect(names(withSnapshot(heard, [], heard.events))).toEqual([])
  })

  it('counts snapshots, so that what was fetched before is fetched again', () => {
    expect(withSnapshot(emptyMirror, [], 0).epoch).toBe(1)
  })
})

describe('commands', () => {
  it('never go back in their life', () => {
    const done = withCommands(emptyMirror, uuid(1), [sampleCommand(1, 'done')])
    expect(statuses(withCommands(done, uuid(1), [sampleCommand(1, 'running')]))).toEqual(['done'])
    expect(
      statuses(
        withCommands(withCommands(emptyMirror, uuid(1), [sampleCommand(1, 'planned')]), uuid(1), [
          sampleCommand(1, 'running'),
        ]),
      ),
    ).toEqual(['running'])
  })

  it('take newer progress of the same status', () => {
    const progress = {
      percent: 50,
      counters: { objects: 1, files: 1, bytes: 1, found: 0, notScanned: 0, excluded: 0 },
      currentPath: '',
      leftMs: null,
    }
    const running = withCommands(emptyMirror, uuid(1), [sampleCommand(1, 'running')])
    expect(
      withCommands(running, uuid(1), [sampleCommand(1, 'running', { progress })]).commands.get(uuid(1))?.[0]?.progress
        ?.percent,
    ).toBe(50)
  })

  it('stand newest first', () => {
    const older = sampleCommand(1, 'done', { issuedAt: '2026-11-21T12:00:00.000Z' })
    expect(
      withCommands(emptyMirror, uuid(1), [older, sampleCommand(2, 'planned')])
        .commands.get(uuid(1))
        ?.map(({ id }) => id),
    ).toEqual([uuid(2), uuid(1)])
  })
})

describe('the live line', () => {
  it('keeps the moment of the first loss until it is live again', () => {
    const lost = withStaleLink(withLiveLink(emptyMirror), '2026-11-22T14:29:00.000Z')
    expect(lost).toMatchObject({ link: 'stale', asOf: '2026-11-22T14:29:00.000Z' })
    expect(withStaleLink(lost, '2026-11-22T14:35:00.000Z').asOf).toBe('2026-11-22T14:29:00.000Z')
    expect(withLiveLink(lost)).toMatchObject({ link: 'live', asOf: undefined })
  })

  it('numbers the changes of detected objects', () => {
    expect(withObjectsChanged(withObjectsChanged(emptyMirror, uuid(1)), uuid(1)).objectsVersion.get(uuid(1))).toBe(2)
  })
})
