// Trees of files to scan: the same amount, sizes and kinds every time, with content that differs from tree to tree, so that
// no scan profits from an earlier one.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeEicar, writeHarmless, writeInfected, writeZip } from '../../e2e/support/samples.ts'

export const treeFiles = 10_000
export const treeInfected = 10
const perFolder = 100
const poolBytes = 8_000_000

export interface Tree {
  readonly path: string
  readonly bytes: number
  /** Files with something infected in them: half of them plain, half of them zips with harmless neighbours. */
  readonly infected: readonly string[]
}

/** 10,000 files of 1 to 100 KB, small ones more often, half of them text. `withInfected`: 10 of them are to be found. */
export function writeTree(path: string, withInfected = true): Tree {
  const pools = [randomBytes(poolBytes), textPool()]
  const next = sizes()
  const infected: string[] = []
  let bytes = 0
  for (let i = 0; i < treeFiles; i++) {
    const folder = join(path, `folder-${String(Math.floor(i / perFolder)).padStart(3, '0')}`)
    if (i % perFolder === 0) mkdirSync(folder, { recursive: true })
    if (withInfected && i % (treeFiles / treeInfected) === perFolder / 2) {
      infected.push(plant(folder, infected.length))
      continue
    }
    const size = next.size()
    const at = next.upTo(poolBytes - size)
    const content = (pools[i % 2] ?? Buffer.alloc(0)).subarray(at, at + size)
    writeFileSync(join(folder, `file-${i}.${i % 2 === 0 ? 'bin' : 'txt'}`), content)
    bytes += size
  }
  return { path, bytes, infected }
}

function plant(folder: string, index: number): string {
  const write = index % 4 < 2 ? writeEicar : writeInfected
  const file = join(folder, index % 2 === 0 ? `planted-${index}.bin` : `planted-${index}.zip`)
  if (index % 2 === 0) write(file)
  else {
    writeZip(file, {
      'before.txt': (member) => writeHarmless(member, 'before'),
      'bad.bin': write,
      'after.txt': (member) => writeHarmless(member, 'after'),
    })
  }
  return file
}

/** Numbers that are the same in every run. */
function sizes() {
  let state = 20_240_601
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return {
    size: () => Math.round(1000 * 100 ** random()),
    upTo: (most: number) => Math.floor(random() * most),
  }
}

function textPool(): Buffer {
  const noise = randomBytes(poolBytes / 5)
  const words: string[] = []
  for (let at = 0; at + 3 <= noise.length; at += 3) words.push(noise.toString('hex', at, at + 3))
  return Buffer.alloc(poolBytes, words.join(' '))
}
