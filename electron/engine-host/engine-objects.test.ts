// Single objects that end the engine: who is to blame, that it is not tried for ever, and that the others still get their answer.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eicarBytes } from '#shared/testing/samples.ts'
import { buildFaultyHost } from './testing/built.ts'
import { type EngineRig, startRig } from './testing/engine-rig.ts'

let hostFile: string
let root: string
let rig: EngineRig

beforeAll(async () => {
  hostFile = await buildFaultyHost()
})
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'engine-objects-'))
  rig = startRig(hostFile)
})
afterEach(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

function put(name: string, content: Uint8Array | string = eicarBytes()): string {
  const file = path.join(root, 'tree', name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}
/** The answer, or the code of its failure. */
const ask = (file: string) =>
  rig.link.client.call('object.scan', { path: { text: file } }).catch((error: { code?: string }) => error.code)
const deaths = () => rig.states.filter((state) => state === 'restarting').length

it('an object that ends the engine twice is not scanned any more, and says why', async () => {
  const file = put('kill')
  expect([await ask(file), await ask(file)]).toEqual(['peer-gone', 'peer-gone'])
  expect(await ask(file)).toEqual({ kind: 'not-scanned', reason: 'engine-crash' })
  expect(deaths()).toBe(2)
}, 60_000)

it('one that hangs is given up for that, and a new content of it is looked at again', async () => {
  const file = put('hang')
  expect([await ask(file), await ask(file)]).toEqual(['peer-gone', 'peer-gone'])
  expect(await ask(file)).toEqual({ kind: 'not-scanned', reason: 'engine-timeout' })
  expect(deaths()).toBe(2)
  writeFileSync(file, 'another')
  expect(await ask(file)).toBe('peer-gone')
}, 60_000)

it('objects that were looked at beside it are not blamed, also when they always come with it', async () => {
  const files = [put('kill'), put('slow-e'), put('slow-n', 'nothing'), put('slow-m', 'nothing')]
  for (let turn = 0; turn < 4; turn++) await Promise.all(files.map(ask))
  expect(await Promise.all(files.map(ask))).toMatchObject([
    { kind: 'not-scanned', reason: 'engine-crash' },
    { kind: 'detected' },
    { kind: 'nothing-found' },
    { kind: 'nothing-found' },
  ])
  expect(deaths()).toBeLessThanOrEqual(3)
}, 60_000)

it('a scan beside it loses nothing, and none of its files is given up', async () => {
  for (let index = 0; index < 300; index++) put(`slow${index}`, index % 10 === 0 ? eicarBytes() : `text ${index}`)
  const file = path.join(root, 'hang')
  writeFileSync(file, '')
  const record = await rig.scan([path.join(root, 'tree')])
  for (let turn = 0; turn < 3; turn++) await ask(file)
  expect(await ask(file)).toEqual({ kind: 'not-scanned', reason: 'engine-timeout' })
  expect((await record.finished).counters).toMatchObject({ files: 300, found: 30, notScanned: 0 })
}, 60_000)
