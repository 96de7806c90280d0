// One holder per data folder; what a dead holder left behind is taken over.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeAppLock } from './app-lock.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'app-lock-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))
const file = (name: string) => path.join(dataDir, name)
const take = () => takeAppLock(dataDir, 'app')

it('lets one process have the data folder', async () => {
  const lock = await take()
  await expect(take()).rejects.toMatchObject({ code: 'storage-locked' })
  await lock.release()
  await (await take()).release()
  expect(readdirSync(dataDir)).toEqual([])
})

it('says who has it: an app, also one of an earlier version, or another command', async () => {
  const code = (by: 'app' | 'command') => takeAppLock(dataDir, by).then(null, (error) => error.message)
  const app = await take()
  expect(await code('command')).toBe('app-running')
  const { by: _, ...earlier } = JSON.parse(readFileSync(file('app.lock'), 'utf8'))
  writeFileSync(file('app.lock'), JSON.stringify(earlier))
  expect(await code('command')).toBe('app-running')
  await app.release()
  const command = await takeAppLock(dataDir, 'command')
  for (const by of ['app', 'command'] as const)
    expect(await code(by)).toBe(`storage-locked: another command works with it (${process.pid})`)
  await command.release()
})

it.each([
  '{"version":1,"pid":999999,"startTime":"1"}',
  `{"version":1,"pid":${process.pid},"startTime":"1"}`,
  'rubbish',
])('takes over a lock that nobody holds any more: %s', async (text) => {
  writeFileSync(file('app.lock'), text)
  const lock = await take()
  expect(JSON.parse(readFileSync(file('app.lock'), 'utf8'))).toMatchObject({ version: 1, pid: process.pid })
  await lock.release()
})
