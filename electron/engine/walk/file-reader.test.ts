import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { eicar, found, infectedMarker, Lab } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import * as reader from './file-reader.ts'

// What happens to a file while it is being read is done right after its bytes were taken.
const meanwhile = vi.hoisted(() => ({ act: undefined as (() => void) | undefined }))
vi.mock('./file-reader.ts', async (original) => {
  const real = await original<typeof reader>()
  return {
    ...real,
    readInto: (...given: Parameters<typeof real.readInto>) => {
      const bytes = real.readInto(...given)
      meanwhile.act?.()
      return bytes
    },
  }
})

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterEach(() => {
  meanwhile.act = undefined
})
afterAll(() => lab.dispose())

const once = (act: () => void): void => {
  meanwhile.act = () => {
    meanwhile.act = undefined
    act()
  }
}

it('a file that changed once is read again, and the verdict is on the new content (22)', async () => {
  const path = lab.file('once', 'harmless')
  once(() => writeFileSync(path, infectedMarker))
  expect(found(await scanner.scanFile(path))).toEqual(['RemoteProtection_Test_Infected'])
})

it.each([
  ['grows', (path: Buffer) => appendFileSync(path, 'more')],
  ['is written over and over', (path: Buffer) => writeFileSync(path, eicar)],
])('a file that %s is not called scanned (22)', async (_, change) => {
  const path = lab.file('unsteady', 'harmless')
  meanwhile.act = () => change(path)
  expect(await scanner.scanFile(path)).toMatchObject({ kind: 'not-scanned', reason: 'changed' })
})

it('a file that was replaced is judged by what was opened, with its own identity (22)', async () => {
  const path = lab.file('replaced', infectedMarker)
  once(() => {
    renameSync(path, `${path}.old`)
    writeFileSync(path, 'harmless')
  })
  const result = await scanner.scanFile(path)
  // The rename moves ctime, so the new file is what is judged.
  expect(result).toMatchObject({ kind: 'nothing-found' })
})

it('a file that vanished while it was read and is gone at the second try is reported (22)', async () => {
  const path = lab.file('short-lived', 'x')
  once(() => rmSync(path))
  expect(await scanner.scanFile(path)).toMatchObject({ kind: 'not-scanned', reason: 'vanished' })
})

it.each([
  ['EACCES', 'no-access'],
  ['ENOENT', 'vanished'],
  ['ELOOP', 'special-file'],
  ['EIO', 'io-error'],
])('%s is the reason %s', (code, reason) => {
  expect(reader.reasonOf(Object.assign(new Error(code), { code }))).toBe(reason)
})

it('an error that the system did not raise is a bug and is not hidden', () => {
  expect(() => reader.reasonOf(new TypeError('bug'))).toThrow('bug')
})
