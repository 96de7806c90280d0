// What a person asks for in a window that was there before everything was read.
import { afterEach, expect, it } from 'vitest'
import { defaultSettings } from '#shared/files/settings-file.ts'
import { createClient } from './client.ts'
import { fakeMachine } from './testing/fake-machine.ts'
import { newWorld, type World } from './testing/harness.ts'
import { testPorts } from './testing/memory-ports.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal

const built = (takeLock: () => Promise<{ release(): Promise<void> }>) => {
  world = newWorld()
  const { dataDir, settings } = world
  return createClient(testPorts({ dataDir, settings, engine: fakeMachine().connect(), takeLock }))
}

it('waits, and then changes what was kept instead of replacing it', async () => {
  let giveLock = () => {}
  const lock = new Promise<{ release(): Promise<void> }>((resolve) => {
    giveLock = () => resolve({ release: async () => undefined })
  })
  const client = built(() => lock)
  world.settings.value = { version: 1, settings: { ...defaultSettings, theme: 'dark' } }
  const starting = client.start()
  const changed = client.handlers['settings.change']({ notifyOnRemoteScan: true }, undefined, signal)
  // What is known already is answered at once.
  expect(await client.handlers['state.snapshot']({}, undefined, signal)).toHaveProperty('settings')
  giveLock()
  await Promise.all([starting, changed])
  expect(world.settings.value).toMatchObject({ settings: { theme: 'dark', notifyOnRemoteScan: true } })
  await client.stop()
})

it('is refused with the reason when the app cannot start', async () => {
  const client = built(() => Promise.reject(Object.assign(new Error('locked'), { code: 'storage-locked' })))
  const asked = client.handlers['scan.start']({ type: 'quick' }, undefined, signal)
  await expect(client.start()).rejects.toMatchObject({ code: 'storage-locked' })
  await expect(asked).rejects.toMatchObject({ code: 'storage-locked' })
})
