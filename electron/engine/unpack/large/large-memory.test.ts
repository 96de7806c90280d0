// A file that is really large is looked at in all its parts with little memory, by the limits of the product.
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../../detect/testing/lab.ts'
import type { FileScanResult, Scanner } from '../../scanner.ts'
import { makeTar } from '../testing/archives.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
const MB = 1024 * 1024
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
  // What is only made once is made now.
  await scanner.scanFile(lab.file('small.tar', makeTar([{ name: 'a', data: infectedMarker }])))
})
afterAll(() => lab.dispose())

/** A tar of members that are holes in the file, and a marked one behind them, each of another content. */
function sparseTar(name: string, sizes: readonly number[]): string {
  const path = join(lab.dir, name)
  const fd = openSync(path, 'w')
  let at = 0
  for (const [index, size] of sizes.entries()) {
    writeSync(fd, headerOf(`hole-${index}`, size), 0, 512, at)
    writeSync(fd, Buffer.from(`${index}`), 0, 1, at + 512)
    at += 512 + size
  }
  const end = makeTar([{ name: 'bad', data: infectedMarker }])
  writeSync(fd, end, 0, end.length, at)
  closeSync(fd)
  return path
}

function headerOf(name: string, size: number): Buffer {
  const header = makeTar([{ name, data: Buffer.alloc(0) }]).subarray(0, 512)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Growth of memory in MB at the worst moment of a scan; `VmHWM` is that moment, and is forgotten first. */
async function scanWithPeak(path: string): Promise<{ result: FileScanResult; grown: number }> {
  writeFileSync('/proc/self/clear_refs', '5')
  const before = peak()
  const result = await scanner.scanFile(Buffer.from(path))
  return { result, grown: peak() - before }
}

function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}

it('a tar of 300 MB in which each member is held in turn', async () => {
  const { result, grown } = await scanWithPeak(sparseTar('held.tar', [100 * MB, 100 * MB, 100 * MB]))
  expect(found(result)).toEqual([`bad!${infected}`])
  expect(missed(result)).toEqual([])
  expect(result).toMatchObject({ objects: 5, object: { container: { format: 'tar', leaves: 4 } } })
  expect(grown).toBeLessThan(100 + 150)
}, 30_000)

it('a tar of 300 MB with a member that is too large to be held', async () => {
  const { result, grown } = await scanWithPeak(sparseTar('windows.tar', [300 * MB]))
  expect(found(result)).toEqual([`bad!${infected}`])
  expect(missed(result)).toEqual([])
  expect(grown).toBeLessThan(150)
}, 30_000)
