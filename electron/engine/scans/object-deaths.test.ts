// Objects over which the process died: known by what they are, counted over restarts, blamed only when they are to blame.
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyOfPath, openObjectDeaths } from './object-deaths.ts'
import { markTimeout, SlotWriter } from './slot.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'object-deaths-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const opened = () => openObjectDeaths(dataDir, (line) => expect.fail(line))

/** A process dies while it reads this. */
function die(key: string, act: (slot: string) => void = () => undefined): void {
  const slot = new SlotWriter()
  const file = opened().slotFile(0)
  slot.set(file, Buffer.from(key))
  slot.close()
  act(file)
}

it('is a suspect after one death and given up after the second, with the cause of that', () => {
  expect(opened().of('1:2')).toBe('unknown')
  die('1:2')
  expect(opened().of('1:2')).toBe('suspect')
  expect(opened().of('1:2')).toBe('suspect')
  die('1:2', markTimeout)
  expect(opened().of('1:2')).toBe('engine-timeout')
  expect(opened().of('1:3')).toBe('unknown')
})

it('a slot that was cleared, and one of a process that lives, blame nobody', () => {
  const slot = new SlotWriter()
  slot.set(opened().slotFile(0), Buffer.from('1:2'))
  slot.clear()
  slot.close()
  const other = path.join(dataDir, 'object-checks', `slot-${process.ppid}-0`)
  const living = new SlotWriter()
  living.set(other, Buffer.from('1:3'))
  living.close()
  expect([opened().of('1:2'), opened().of('1:3')]).toEqual(['unknown', 'unknown'])
})

it('another content, another file in its place and a time that was put back are other objects', () => {
  const file = path.join(dataDir, 'file')
  writeFileSync(file, 'one')
  utimesSync(file, 1, 1)
  const first = keyOfPath(Buffer.from(file))
  expect(keyOfPath(Buffer.from(file))).toBe(first)
  writeFileSync(file, 'two')
  utimesSync(file, 1, 1)
  const second = keyOfPath(Buffer.from(file))
  expect(second).not.toBe(first)
  writeFileSync(`${file}2`, 'two')
  renameSync(`${file}2`, file)
  expect(keyOfPath(Buffer.from(file))).not.toBe(second)
  expect(keyOfPath(Buffer.from(`${file}3`))).toBeNull()
})

it('damaged records are nothing that is known', () => {
  die('1:2')
  opened()
  writeFileSync(path.join(dataDir, 'object-checks', 'deaths.json'), '{')
  expect(opened().of('1:2')).toBe('unknown')
})
