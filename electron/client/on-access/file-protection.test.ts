// File protection with real folders and the system's own notifications; the engine is a script.
import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { type FakeMachine, fakeMachine, infected } from '../testing/fake-machine.ts'
import { type Booted, newWorld, type World } from '../testing/harness.ts'
import { watchFolders } from './folder-watch.ts'

vi.setConfig({ testTimeout: 90_000 })

const marker = 'this is the marker'
let root: string
let machine: FakeMachine
let world: World
let looked: string[]

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'watched-'))
  machine = fakeMachine()
  looked = []
  machine.look = (file) => {
    looked.push(file)
    const isBad = file.includes('bad')
    return isBad ? { kind: 'detected', object: infected(file) } : { kind: 'nothing-found', partial: [] }
  }
  machine.treat = (order) => {
    rmSync(order.object.path.text)
    return { status: 'deleted', quarantineId: '00000000-0000-4000-8000-000000000001' as never, otherLinks: 0 }
  }
  world = newWorld(machine)
})
afterEach(async () => {
  await world.remove()
  rmSync(root, { recursive: true, force: true })
})

const boot = (ports = {}) => world.boot({ ports: { watchedFolders: [root], ...ports } })
const at = (...names: string[]) => path.join(root, ...names)
const treated = ({ client }: Booted) =>
  client.state().detections.value.recent.filter(({ state }) => state === 'deleted').length

describe('a changed file (64)', () => {
  it('is checked and treated within a second, and recorded as found by file protection', async () => {
    const booted = await boot()
    const started = Date.now()
    writeFileSync(at('bad.exe'), marker)
    await eventually(() => treated(booted) === 1, 'treated')
    expect(Date.now() - started).toBeLessThan(1000)
    expect(booted.client.state().detections.value.recent[0]).toMatchObject({
      scanType: 'real-time',
      foundBy: { kind: 'real-time' },
      state: 'deleted',
    })
  })

  it('is checked once, after the last of several slow writes', async () => {
    await boot()
    for (let index = 0; index < 5; index++) {
      writeFileSync(at('slow.bin'), marker, { flag: 'a' })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await eventually(() => looked.length > 0, 'checked')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(looked).toEqual([at('slow.bin')])
  })

  it('is seen however it came: renamed, linked, in a new nested folder', async () => {
    const outside = mkdtempSync(path.join(os.tmpdir(), 'outside-'))
    try {
      await boot()
      for (const name of ['renamed', 'linked']) writeFileSync(path.join(outside, name), marker)
      renameSync(path.join(outside, 'renamed'), at('bad-renamed'))
      linkSync(path.join(outside, 'linked'), at('bad-linked'))
      mkdirSync(at('new', 'nested'), { recursive: true })
      writeFileSync(at('new', 'nested', 'bad-nested'), marker)
      const expected = [at('bad-renamed'), at('bad-linked'), at('new', 'nested', 'bad-nested')]
      await eventually(() => expected.every((file) => looked.includes(file)), 'all seen')
    } finally {
      rmSync(outside, { recursive: true })
    }
  })

  it('is not checked when it was there before, is excluded, or is not in a watched folder', async () => {
    writeFileSync(at('old-bad'), marker)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const own = mkdtempSync(path.join(root, 'excluded-'))
    const { client } = await boot()
    const { scan } = client.state().settings.value
    await client.handlers['settings.change'](
      { scan: { ...scan, exclude: [own] } },
      undefined,
      new AbortController().signal,
    )
    writeFileSync(path.join(own, 'bad'), marker)
    writeFileSync(at('seen'), marker)
    await eventually(() => looked.length > 0, 'checked')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(looked).toEqual([at('seen')])
  })
})

describe('a burst and a limit (65)', () => {
  it('finds the one bad file among 20,000 that appear at once', async () => {
    await boot()
    const started = Date.now()
    for (let index = 0; index < 20_000; index++) writeFileSync(at(index === 12_345 ? 'bad-one' : `f${index}`), 'x')
    await eventually(() => machine.acted.length === 1, 'found', 60_000)
    await eventually(() => looked.length >= 20_000, 'all checked', 60_000)
    expect(new Set(looked).size).toBe(20_000)
    expect(Date.now() - started).toBeLessThan(60_000)
  })

  it('goes on by listing when the system allows no more watches, and says so', async () => {
    const booted = await boot({
      watchFolders: ((roots, isExcluded, events) => {
        const watch = watchFolders([], isExcluded, events)
        setImmediate(() => events.onError('ENOSPC'))
        void roots
        return { ready: Promise.resolve(), close: () => watch.close() }
      }) satisfies typeof watchFolders,
    })
    await eventually(() => problemKinds(booted).includes('file-protection-incomplete'), 'problem')
    mkdirSync(at('deep'))
    writeFileSync(at('deep', 'bad'), marker)
    await eventually(() => treated(booted) === 1, 'found by listing', 20_000)
  })
})

describe('file protection', () => {
  it('has archives opened where files from outside arrive, and only there', async () => {
    const kinds = new Map<string, string | undefined>()
    machine.look = (file, kind) => {
      kinds.set(path.relative(root, file), kind)
      return { kind: 'nothing-found', partial: [] }
    }
    mkdirSync(at('Downloads', 'deep'), { recursive: true })
    mkdirSync(at('Downloads-not'))
    await boot({ downloadFolders: [at('Downloads')] })
    const files = ['a.zip', 'Downloads/b.zip', 'Downloads/deep/c.zip', 'Downloads-not/d.zip']
    for (const name of files) writeFileSync(at(name), marker)
    await eventually(() => kinds.size === files.length, 'all checked')
    expect(files.map((name) => kinds.get(name))).toEqual([
      'real-time',
      'real-time-download',
      'real-time-download',
      'real-time',
    ])
  })

  it('switched off is a problem, checks nothing, and stays off after a restart until it is switched on', async () => {
    const first = await boot()
    const change = (client: Booted['client'], enabled: boolean) =>
      client.handlers['settings.change'](
        { fileProtection: { enabled, folders: [] } },
        undefined,
        new AbortController().signal,
      )
    await change(first.client, false)
    await eventually(() => problemKinds(first).includes('component-off'), 'problem')
    writeFileSync(at('bad'), marker)
    await first.cut()
    const second = await boot()
    await eventually(() => problemKinds(second).includes('component-off'), 'still off')
    await change(second.client, true)
    await eventually(() => isOn(second), 'on again')
    expect(problemKinds(second)).not.toContain('component-off')
    expect(looked).toEqual([])
    writeFileSync(at('bad-too'), marker)
    await eventually(() => looked.includes(at('bad-too')), 'checked')
  })
})

describe('what file protection could not look at', () => {
  const listed = ({ client }: Booted) =>
    client
      .state()
      .scan.value.notScanned.map(({ path: file, reason, partial }) => [path.basename(file), reason, partial])

  it('is listed until it could be looked at or is gone, also after a scan and after a restart', async () => {
    let isOpen = false
    machine.look = (file) => {
      if (file.includes('locked') && !isOpen) return { kind: 'not-scanned', reason: 'no-access' }
      return { kind: 'nothing-found', partial: file.includes('archive') ? ['encrypted', 'recursion'] : [] }
    }
    machine.notScanned = [{ path: { text: '/scanned' }, member: [], reason: 'too-big', partial: false }]
    const first = await boot()
    const byProtection = ({ client }: Booted) =>
      client.state().scan.value.notScanned.flatMap((view) => (view.by === 'file-protection' ? [view.path] : []))
    for (const name of ['locked', 'archive', 'plain']) writeFileSync(at(name), marker)
    await eventually(() => listed(first).length === 3, 'listed')
    const entries = [
      ['archive', 'encrypted', true],
      ['archive', 'recursion', true],
      ['locked', 'no-access', false],
    ]
    expect(listed(first).sort()).toEqual(entries)
    await first.client.handlers['scan.start']({ type: 'full' }, undefined, new AbortController().signal)
    await eventually(() => listed(first).length === 4, 'both are listed')
    expect(byProtection(first).sort()).toEqual([at('archive'), at('archive'), at('locked')])
    await first.client.stop()
    const second = await boot()
    expect(byProtection(second)).toHaveLength(3)
    expect(listed(second).sort()).toEqual([...entries, ['scanned', 'too-big', false]].sort())
    const { total } = await second.client.handlers['scan.notScanned']({ offset: 0, limit: 10 }, undefined, signal())
    expect(total).toBe(4)
    isOpen = true
    writeFileSync(at('locked'), `${marker} again`)
    rmSync(at('archive'))
    await eventually(() => listed(second).length === 1, 'only the scan left something out')
  })
})

const signal = () => new AbortController().signal

function problemKinds({ client }: Booted): string[] {
  return client.state().protection.value.problems.map(({ kind }) => kind)
}

function isOn({ client }: Booted): boolean {
  return client.state().protection.value.components.some(({ id, state }) => id === 'file-protection' && state === 'on')
}
