// Objects that wait for a restart, through the whole client: told here and on the portal, looked at again, settled.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import type { Clock } from '../ports.ts'
import { systemClock } from '../state/clock.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine, infected } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'
import { lookAgainMs } from './waiting-look.ts'

let world: World
afterEach(() => world.remove())

const signal = new AbortController().signal
const problems = (client: Client) => client.state().protection.value.problems.map(({ kind }) => kind)

async function scanned(client: Client): Promise<void> {
  await client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await eventually(
    () => client.state().scan.value.running === null && client.state().scan.value.last !== null,
    'scan over',
  )
}

const held = { status: 'at-restart', holder: 'evil (7), belongs to another user', reason: 'running' } as const

it('are a problem here and on the portal within 5 seconds (56)', async () => {
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => held
  await world.enrolled()
  const { client } = await world.boot()
  await eventually(() => client.state().cloud.value.link === 'online', 'online')
  const started = Date.now()
  world.portal.plan({ kind: 'scan.start', args: { type: 'quick' } })
  await eventually(() => problems(client).includes('restart-required'), 'problem here')
  await eventually(
    () => world.portal.states.at(-1)?.problems.some(({ kind }) => kind === 'restart-required') === true,
    'problem on the portal',
  )
  expect(Date.now() - started).toBeLessThan(5_000)
  expect(client.state().protection.value.problems[0]).toMatchObject({ values: { holder: held.holder } })
})

/** The real clock, but for the rhythm of looking again: that is told when. */
function clockWithRhythm(): { readonly clock: Clock; readonly beats: (() => void)[] } {
  const beats: (() => void)[] = []
  const after: Clock['after'] = (ms, run) => {
    if (ms !== lookAgainMs) return systemClock.after(ms, run)
    beats.push(run)
    return { cancel: () => undefined }
  }
  return { clock: { ...systemClock, after }, beats }
}

it('are asked about again while the app runs, quietly, and end without a restart when nothing holds them (57)', async () => {
  const { clock, beats } = clockWithRhythm()
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => held
  const { client } = await world.boot({ ports: { clock } })
  await scanned(client)
  const [waiting] = client.state().detections.value.recent
  if (waiting === undefined) throw new Error('nothing found')
  world.machine.replayed = [{ detectionId: waiting.id, outcome: held, attempts: 0 }]
  beats.shift()?.()
  await eventually(() => beats.length > 0 && world.machine.replayed.length === 0, 'asked again')
  expect(client.state().detections.value.recent).toEqual([waiting])
  expect(problems(client)).toContain('restart-required')
  world.machine.replayed = [{ detectionId: waiting.id, outcome: { status: 'gone' }, attempts: 0 }]
  beats.shift()?.()
  await eventually(() => !problems(client).includes('restart-required'), 'problem over')
  expect(client.state().detections.value.recent).toMatchObject([{ state: 'gone' }])
})

it('are told, asked about again and settled when a treatment could be neither finished nor undone for a while', async () => {
  const { clock, beats } = clockWithRhythm()
  const unfinished = { status: 'failed', code: 'unfinished' } as const
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => unfinished
  const { client } = await world.boot({ ports: { clock } })
  await scanned(client)
  const [waiting] = client.state().detections.value.recent
  if (waiting === undefined) throw new Error('nothing found')
  expect(waiting).toMatchObject({ state: 'failed', reason: 'unfinished' })
  expect(problems(client)).toContain('clean-up-failed')
  world.machine.replayed = [{ detectionId: waiting.id, outcome: unfinished, attempts: 0 }]
  beats.shift()?.()
  await eventually(() => beats.length > 0 && world.machine.replayed.length === 0, 'asked again')
  expect(client.state().detections.value.recent).toEqual([waiting])
  const needed = { status: 'failed', code: 'needs-administrator' } as const
  world.machine.replayed = [{ detectionId: waiting.id, outcome: needed, attempts: 0 }]
  beats.shift()?.()
  await eventually(() => client.state().detections.value.recent[0]?.reason === 'needs-administrator', 'settled')
})

it('that have another content by now are looked at again, never deleted for what they were (58)', async () => {
  const { clock, beats } = clockWithRhythm()
  world = newWorld(fakeMachine([infected('/a.exe')]))
  world.machine.treat = () => held
  const { client } = await world.boot({ ports: { clock } })
  await scanned(client)
  const [waiting] = client.state().detections.value.recent
  if (waiting === undefined) throw new Error('nothing found')
  const looked: string[] = []
  world.machine.look = (file) => {
    looked.push(file)
    return { kind: 'nothing-found', partial: [] }
  }
  const acted = world.machine.acted.length
  world.machine.replayed = [{ detectionId: waiting.id, outcome: { status: 'changed' }, attempts: 0 }]
  beats.shift()?.()
  await eventually(() => client.state().detections.value.recent[0]?.state === 'gone', 'looked at again')
  expect(looked).toEqual(['/a.exe'])
  expect(world.machine.acted).toHaveLength(acted)
})

it('come before anything that real-time protection looks at, also when the first try fails', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'watched-'))
  try {
    const order: string[] = []
    const machine = fakeMachine()
    machine.failures.set('treat.replayPending', ['io-error'])
    Object.defineProperty(machine, 'replayed', {
      get: () => {
        order.push('waiting objects')
        return []
      },
    })
    machine.look = () => {
      order.push('changed file')
      return { kind: 'nothing-found', partial: [] }
    }
    world = newWorld(machine)
    await world.boot({ ports: { watchedFolders: [folder] } })
    writeFileSync(path.join(folder, 'new'), 'new')
    await eventually(() => order.includes('changed file'), 'looked at', 20_000)
    expect(order.slice(0, 2)).toEqual(['waiting objects', 'changed file'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 30_000)
