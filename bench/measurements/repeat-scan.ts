// A second scan of a tree in which nothing has changed, against listing that tree.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cliScan, findMs } from '../support/command-line.ts'
import { type Figure, type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { pause } from '../support/wait.ts'

const files = 200_000
const perFolder = 100
const runs = 5
/** A file is remembered only when it was not changed for a minute before it was read. */
const settleMs = 65_000

export function repeatScan(): Promise<Findings> {
  return inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    const bytes = writeFiles(tree)
    await pause(settleMs)
    const data = join(folder, 'data')
    const first = await cliScan(tree, data, '--threads', '2')
    await findMs(tree)
    const again: number[] = []
    const whole: number[] = []
    const listed: number[] = []
    for (let at = 0; at < runs; at++) {
      const scan = await cliScan(tree, data, '--threads', '2')
      if (scan.files !== files || scan.found.length > 0) throw new Error(`${scan.files} files instead of ${files}`)
      again.push(scan.scanMs)
      whole.push(scan.ms)
      listed.push(await findMs(tree))
    }
    const peer = { name: 'find -type f -printf', value: median(listed) }
    const figure = (name: string, value: number, goal?: string): Figure => ({
      name,
      value,
      unit: 'ms',
      peer,
      ...(goal === undefined ? {} : { goal }),
    })
    return {
      figures: [
        figure('first scan, without start', first.scanMs),
        figure('repeated scan, without start', median(again), '<= 2x'),
        figure('repeated scan, whole program', median(whole)),
      ],
      notes: [
        `${files} files of 0.5 to 8 KB, ${(bytes / 1e6).toFixed(0)} MB, in ${files / perFolder} folders; seed databases, 2 threads; medians of ${runs} runs turn by turn, folders in memory.`,
      ],
    }
  })
}

function writeFiles(tree: string): number {
  let bytes = 0
  for (let at = 0; at < files; at++) {
    const folder = join(tree, `folder-${Math.floor(at / perFolder)}`)
    if (at % perFolder === 0) mkdirSync(folder, { recursive: true })
    const content = Buffer.alloc(512 + ((at * 37) % 7_500), `file ${at} `)
    writeFileSync(join(folder, `file-${at}.txt`), content)
    bytes += content.length
  }
  return bytes
}
