// Reports by period, component and words; what a scan that ended is remembered by; lines that an earlier version wrote.
import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallRequest } from '#shared/rpc/contract.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'
import { ofEarlierVersion } from './earlier-lines.ts'
import { selectReports } from './select-reports.ts'

const signal = new AbortController().signal
type Client = Booted['client']
type Query = CallRequest<AppContract, 'history.list'>

let world: World | undefined
afterEach(async () => {
  await world?.remove()
  world = undefined
})

const list = (client: Client, query: Partial<Query> = {}) =>
  client.handlers['history.list']({ filter: 'all', search: '', offset: 0, limit: 200, ...query }, undefined, signal)

async function computer(files = [infected('/a.exe')]) {
  world = newWorld(fakeMachine(files))
  return { world, ...(await world.boot()) }
}

async function scanned(client: Client): Promise<void> {
  await client.handlers['scan.start']({ type: 'custom', paths: ['/home'] }, undefined, signal)
  await eventually(() => client.state().scan.value.running === null, 'scanned')
}

async function lastEnd(client: Client): Promise<HistoryEvent> {
  const { events } = await list(client, { component: 'scan', search: 'finished' })
  const [event] = events
  if (event === undefined) throw new Error('no scan ended')
  return event
}

const opened = async (client: Client, id: string) => client.handlers['history.scan']({ id }, undefined, signal)

describe('a selection', () => {
  const event = (at: string, change: Partial<HistoryEvent>): HistoryEvent => ({
    ...{ id: crypto.randomUUID(), at, grade: 'good', title: 'x', detail: '', component: 'scan' },
    ...change,
  })
  const events = [
    event('2026-03-01T00:00:00.000Z', { component: 'account', title: 'Connected' }),
    event('2026-03-02T00:00:00.000Z', { grade: 'critical', component: 'objects' }),
    event('2026-03-03T00:00:00.000Z', { grade: 'important' }),
  ]
  const everything = { filter: 'all', search: '' } as const

  it('has its first moment in it and its last one not', () => {
    const bounds = { from: '2026-03-02T00:00:00.000Z', until: '2026-03-03T00:00:00.000Z' }
    expect(selectReports(events, { ...everything, ...bounds }).shown).toEqual([events[1]])
  })

  it('counts beside each filter what the other ones leave, and what each alone hides', () => {
    const selected = selectReports(events, {
      filter: 'critical',
      search: '',
      component: 'account',
      until: '2026-03-03T00:00:00.000Z',
    })
    expect(selected.shown).toEqual([])
    expect(selected.counts).toEqual({ all: 1, critical: 0, important: 0, information: 1 })
    expect(selected.components).toMatchObject({ objects: 1, account: 0, scan: 0 })
    // The third one is hidden by all three, so that no single filter brings it back.
    expect(selected.hidden).toEqual({ filter: 1, search: 0, component: 1, period: 0 })
  })
})

describe('a scan that ended', () => {
  it('is opened with its area, its numbers, its objects as they are now and what it left out', async () => {
    const { client } = await computer([infected('/a.exe'), infected('/b.exe')])
    await scanned(client)
    const { id } = await lastEnd(client)
    const details = await opened(client, id)
    expect(details.ended).toMatchObject({
      area: ['/home'],
      scan: { type: 'custom', outcome: 'completed', totals: { found: 2, deleted: 2 } },
    })
    expect(details.objects.map(({ path: place, state }) => [place.text, state]).sort()).toEqual([
      ['/a.exe', 'deleted'],
      ['/b.exe', 'deleted'],
    ])
    const [object] = details.objects
    if (object === undefined) throw new Error('nothing found')
    await client.handlers['detections.restore']({ ids: [object.id], exclude: true }, undefined, signal)
    expect((await opened(client, id)).objects.map(({ state }) => state).sort()).toEqual(['deleted', 'restored'])
  })

  it('stays the same after the next one, and after a restart of the app', async () => {
    const { client, world: here, cut } = await computer()
    await scanned(client)
    const { id } = await lastEnd(client)
    const before = await opened(client, id)
    await scanned(client)
    expect(await opened(client, id)).toMatchObject({ ended: before.ended, notScanned: null })
    await cut()
    const again = await here.boot()
    expect(await opened(again.client, id)).toMatchObject({ ended: before.ended, objects: before.objects })
  })

  it('says what is not known any more', async () => {
    const { client, world: here, cut } = await computer()
    await scanned(client)
    const { id } = await lastEnd(client)
    await cut()
    writeFileSync(path.join(here.dataDir, 'detections.jsonl'), '')
    const again = await here.boot()
    expect(await opened(again.client, id)).toMatchObject({ objects: [], forgotten: 1, unlisted: 0 })
  })

  it('is the only event that can be opened', async () => {
    const { client } = await computer()
    await scanned(client)
    const { events } = await list(client, { search: 'started' })
    await expect(opened(client, events[0]?.id ?? '')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('lines of an earlier version', () => {
  const earlier = (title: string, detail = '') => ofEarlierVersion({ title, detail })

  it('belong to what their words say', () => {
    const components = {
      'Quick Scan started': 'scan',
      'Full Scan was interrupted': 'scan',
      'Connected to My Kaspersky': 'account',
      'Restart postponed for 15 min': 'restart',
      'The computer was not restarted': 'restart',
      'The scanner engine does not run': 'application',
      'Quarantine checked with new databases, 2 objects': 'quarantine',
      'a.exe restored from Quarantine': 'quarantine',
      '2 copies in Quarantine deleted for good': 'quarantine',
      'a.exe not restored': 'quarantine',
      'a.exe deleted, copy kept': 'objects',
      'Active infection found': 'objects',
    } as const
    for (const [title, component] of Object.entries(components)) expect(earlier(title).component).toBe(component)
    expect(earlier('a.exe deleted, copy kept', 'X in /a. Done automatically by File protection.').component).toBe(
      'file-protection',
    )
  })

  it('are read, selected and opened, and nothing is made up for them', async () => {
    const { client, world: here, cut } = await computer()
    await cut()
    const id = crypto.randomUUID()
    const event = { id, at: new Date().toISOString(), grade: 'good', title: 'Quick Scan finished, nothing found' }
    const line = { version: 1, event: { ...event, detail: '9 files in 1 s.' } }
    appendFileSync(path.join(here.dataDir, 'history.jsonl'), `${JSON.stringify(line)}\n`)
    const again = await here.boot()
    const { events } = await list(again.client, { component: 'scan' })
    expect(events).toEqual([expect.objectContaining({ id, component: 'scan', endOfScan: true })])
    expect(await opened(again.client, id)).toEqual({
      ended: null,
      objects: [],
      forgotten: 0,
      unlisted: 0,
      notScanned: null,
    })
    expect(client.state().history.value.recent).toEqual([])
  })
})

it('a file has everything that is selected, also what no page showed', async () => {
  const { client } = await computer()
  await scanned(client)
  const { total } = await list(client, { search: 'scan' })
  const file = client.reportFile({ filter: 'all', search: 'scan' }, 'csv')
  expect(file.events).toBe(total)
  expect(file.text.trimEnd().split('\r\n')).toHaveLength(total + 1)
})
