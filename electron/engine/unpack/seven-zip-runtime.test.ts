import { expect, it } from 'vitest'
import { infectedMarker } from '../detect/testing/lab.ts'
import { limitsWith } from '../limits/limits.ts'
import { Budget } from './budget.ts'
import { SevenZip } from './seven-zip-runtime.ts'
import { makeWithSevenZip } from './testing/archives.ts'
import { makeCpio } from './testing/cpio.ts'

const members = [{ name: 'member', data: infectedMarker }]

function extracted(instance: SevenZip, archive: Buffer, type: string): { code: number | null; names: string[] } {
  const { code } = instance.run(['x', '-y', '-o/out', `-t${type}`], archive, new Budget(limitsWith()))
  return { code, names: [...instance.takeFiles()].map(({ name }) => name) }
}

it('the five hundredth archive is opened like the first one', async () => {
  const instance = await SevenZip.create()
  const archive = makeCpio(members)
  for (let round = 0; round < 500; round += 1)
    expect(extracted(instance, archive, 'cpio')).toEqual({ code: 0, names: ['member'] })
  expect(instance.isBroken).toBe(false)
})

it('an instance that met a damaged archive is not used again, and leaves no exit code to this process', async () => {
  const instance = await SevenZip.create()
  const archive = await makeWithSevenZip(['-t7z', '-mx0'], { member: infectedMarker })
  archive[40] = (archive[40] ?? 0) ^ 0xff
  const before = process.exitCode
  expect(extracted(instance, archive, '7z').code).toBe(2)
  expect(instance.isBroken).toBe(true)
  expect(process.exitCode).toBe(before)
})

it('a search through an archive of nothing but marks ends with the time', async () => {
  const marks = Buffer.alloc(12_000_000, Buffer.from('PK\x03\x04"../"PK\x03\x04"', 'latin1'))
  const instance = await SevenZip.create()
  const started = process.cpuUsage()
  const { stopped } = instance.run(['x', '-y', '-o/out', '-tzip'], marks, new Budget(limitsWith({ timeMs: 300 })))
  expect(stopped).toBe('time-limit')
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000)
})

it('large members come out byte for byte, and have room to grow without being copied', async () => {
  const large = Buffer.alloc(20_000_003)
  for (let at = 0; at < large.length; at += 1) large[at] = (at * 7 + (at >> 9)) & 255
  const others = { a: large, b: large.subarray(1), c: infectedMarker }
  const archive = await makeWithSevenZip(['-t7z', '-m0=Copy', '-ms=off'], others)
  const instance = await SevenZip.create()
  const { code } = instance.run(['x', '-y', '-o/out', '-t7z'], archive, new Budget(limitsWith()))
  expect(code).toBe(0)
  const files = [...instance.takeFiles()]
  // Compared by hand: toEqual takes seconds for a megabyte.
  expect(files.map(({ name, bytes }) => bytes.equals(others[name as keyof typeof others]))).toEqual([true, true, true])
  expect(files.map(({ bytes }) => bytes.buffer.byteLength > 2 * large.length)).toEqual([true, true, false])
})
