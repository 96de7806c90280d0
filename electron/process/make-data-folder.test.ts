// A data folder that is missing is made; one that cannot be used is told at once, and never waited for.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDataFolder } from './make-data-folder.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'data-folder-test-'))
})
afterEach(() => {
  chmodSync(root, 0o700)
  rmSync(root, { recursive: true, force: true })
})

const problemOf = (folder: string) => () => makeDataFolder(folder)

it('is made with what is missing above it, for its owner alone, and left as it is after that', () => {
  const folder = path.join(root, 'a', 'b')
  makeDataFolder(folder)
  makeDataFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder)).toEqual([])
})

it('a file in its place or above it is told', () => {
  const file = path.join(root, 'file')
  writeFileSync(file, '')
  for (const folder of [file, path.join(file, 'below')]) {
    expect(problemOf(folder)).toThrow(/^io-error: the data folder \S+ cannot be used \((EEXIST|ENOTDIR)\)$/)
  }
})

it.runIf(process.platform === 'linux')('a place in which nothing can be made is told, and does not hang', () => {
  for (const folder of ['/proc', '/proc/x', '/proc/x/y'])
    expect(problemOf(folder)).toThrow(/cannot be used \(E[A-Z]+\)$/)
})

it.skipIf(process.geteuid?.() === 0)('a folder that is closed for writing is told', () => {
  chmodSync(root, 0o500)
  expect(problemOf(root)).toThrow('cannot be used (EACCES)')
})
