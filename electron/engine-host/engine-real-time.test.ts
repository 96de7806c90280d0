// Looks of file protection at single files, asked of a real engine process made by the product's build.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ObjectLook } from '#shared/engine-protocol/engine-contract.ts'
import { eicarBytes } from '#shared/testing/samples.ts'
import { makeZip } from '../engine/unpack/testing/archives.ts'
import { buildProduct, builtDir } from './testing/built.ts'
import { type EngineRig, startRig } from './testing/engine-rig.ts'

let rig: EngineRig
let root: string

beforeAll(() => {
  buildProduct()
  root = mkdtempSync(path.join(tmpdir(), 'engine-real-time-'))
  rig = startRig(path.join(builtDir, 'engine-host.js'))
})
afterAll(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

it('an archive that file protection leaves closed is told as looked at in part; where it may, and for whoever says nothing, it is opened', async () => {
  const file = path.join(root, 'a.zip')
  writeFileSync(file, makeZip([{ name: 'eicar.com', data: Buffer.from(eicarBytes()) }]))
  const ask = (look?: ObjectLook) =>
    rig.link.client.call('object.scan', { path: { text: file }, ...(look === undefined ? {} : { look }) })
  expect(await ask('real-time')).toEqual({ kind: 'nothing-found', partial: ['not-opened'] })
  for (const look of ['real-time-download', 'on-demand', undefined] as const)
    expect(await ask(look)).toMatchObject({ kind: 'detected', object: { findings: [{ member: ['eicar.com'] }] } })
  const record = await rig.scan([root])
  await record.finished
  expect(record.detected).toHaveLength(1)
})
