// Many archives in one content, with other bytes between them: each is looked at once, and none is lost.
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../detect/testing/lab.ts'
import { limitTable } from '../limits/limits.ts'
import type { Scanner } from '../scanner.ts'
import { makeTar } from './testing/archives.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const memberBytes = 2_000
const junk = Buffer.from('\x01\x02 no archive \x03')
const scan = (parts: readonly Buffer[]) => scanner.scanFile(lab.file('resources', Buffer.concat(parts)))
const packed = (data: Buffer) => [junk, gzipSync(data)]
const many = (count: number) => Array.from({ length: count }, () => packed(randomBytes(memberBytes))).flat()

it('what is carried beside others is not looked at once more behind each of them', async () => {
  const count = limitTable.carriedContents.value - 1
  const result = await scan([...many(count), ...packed(infectedMarker)])
  expect([found(result).length, missed(result)]).toEqual([1, []])
  // The file, and each of its members.
  expect(result.objects).toBe(1 + count + 1)
})

it('more of them than are looked for at once are found behind the last one, and that there may be more is told', async () => {
  const result = await scan([...many(4 * limitTable.carriedContents.value), ...packed(infectedMarker)])
  expect(found(result)).toHaveLength(1)
  expect(missed(result)).toContain('member-count')
})

it('the second of a kind of which only the first is named is found behind what lies between', async () => {
  const tar = (name: string, data: Buffer) => makeTar([{ name, data }])
  const parts = [junk, tar('a', randomBytes(600)), ...packed(randomBytes(500)), junk, tar('b', infectedMarker)]
  expect(found(await scan(parts)).length).toBeGreaterThan(0)
})
