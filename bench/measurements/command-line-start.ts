// Start of a small scan on the command line with the product's own databases, against clamscan with as few signatures on the
// same file, and against Node itself.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { infectedMarkerBytes } from '#shared/testing/samples.ts'
import { cliScan, isInstalled, run } from '../support/command-line.ts'
import { type Figure, type Findings, median, percentile } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'

const runs = 15

export function commandLineStart(): Promise<Findings> {
  if (!isInstalled('clamscan')) throw new Error('clamscan is not installed: apt-get install clamav')
  return inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    const content = infectedMarkerBytes()
    writeFileSync(join(tree, 'infected'), content)
    const databases = join(folder, 'few.hdb')
    const md5 = createHash('md5').update(content).digest('hex')
    writeFileSync(databases, `${md5}:${content.length}:Bench.Marker\n`)
    const data = join(folder, 'data')
    const first = (await cliScan(tree, data)).ms
    const own: number[] = []
    const clamscan: number[] = []
    const node: number[] = []
    for (let at = 0; at < runs; at++) {
      own.push(await foundMs(tree, data))
      clamscan.push(await peerMs(databases, tree))
      node.push((await run(process.execPath, ['-e', '0'])).ms)
    }
    const peer = { name: 'clamscan', value: median(clamscan) }
    const figures: Figure[] = [
      { name: 'whole program, median', value: median(own), unit: 'ms', peer, goal: '<= 500' },
      { name: 'whole program, p95', value: percentile(own, 95), unit: 'ms' },
      {
        name: 'whole program beside Node alone',
        value: median(own),
        unit: 'ms',
        peer: { name: 'node -e 0', value: median(node) },
      },
    ]
    return {
      figures,
      notes: [
        `One infected file, found in every run on both sides; ${runs} runs turn by turn. The first start ever, with an empty data folder: ${first.toFixed(0)} ms.`,
      ],
    }
  })
}

async function foundMs(tree: string, data: string): Promise<number> {
  const { ms, found } = await cliScan(tree, data)
  if (found.length !== 1) throw new Error(`${found.length} found instead of 1`)
  return ms
}

async function peerMs(databases: string, tree: string): Promise<number> {
  const { ms, code } = await run('clamscan', ['--quiet', '-r', '-d', databases, tree])
  if (code !== 1) throw new Error(`clamscan did not find the file: ${code}`)
  return ms
}
