// First scan with a million hash signatures and no rules: the command line against clamdscan with the same signatures on the
// same tree. The peer's service is started for this measurement alone, with a folder of its own.
import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { withClamd } from '../support/clamd.ts'
import { type CliScan, cliScan, run } from '../support/command-line.ts'
import { type Figure, type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { copyPrograms, planted, plantedContent, plantedName } from '../support/programs.ts'

const signatures = 1_000_000
const runs = 3
const threads = 2

export function hashes(): Promise<Findings> {
  return inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    const programs = copyPrograms(tree)
    const databases = join(folder, 'databases')
    mkdirSync(databases)
    await pipeline(signatureLines(), createWriteStream(join(databases, 'million.hsb')))
    const data = join(folder, 'data')
    const options = ['--no-cache', '--threads', String(threads), '--databases', databases]
    await cliScan(tree, data, ...options)
    const own: CliScan[] = []
    const peer: number[] = []
    await withClamd({ folder, databases, threads }, async (config) => {
      await peerScan(config, tree)
      for (let at = 0; at < runs; at++) {
        own.push(await cliScan(tree, data, ...options))
        peer.push(await peerScan(config, tree))
      }
    })
    for (const scan of own) checkFound(scan.found.map(({ path }) => path))
    const megabytes = programs.bytes / 1e6
    const rate = (ms: readonly number[]) => megabytes / (median(ms) / 1000)
    const beside = { name: 'clamdscan -m --fdpass', value: rate(peer) }
    const figures: Figure[] = [
      { name: 'first scan, whole program', value: rate(own.map(({ ms }) => ms)), unit: 'MB/s', peer: beside },
      {
        name: 'first scan, without start',
        value: rate(own.map(({ scanMs }) => scanMs)),
        unit: 'MB/s',
        peer: beside,
        goal: '>= 2x',
      },
    ]
    return {
      figures,
      notes: [
        `A copy of ${programs.source} with ${planted} planted files: ${programs.files} files, ${megabytes.toFixed(0)} MB; ${signatures} SHA-256 signatures, those of the planted files among them; ${threads} threads on each side; both found the ${planted} in every run. Medians of ${runs} runs turn by turn. The service of the peer runs already and holds its signatures.`,
      ],
    }
  })
}

async function peerScan(config: string, tree: string): Promise<number> {
  const { ms, out, err } = await run('clamdscan', ['-m', '--fdpass', '--no-summary', '-c', config, tree])
  const found = out.split('\n').filter((line) => line.endsWith(' FOUND'))
  checkFound(found.map((line) => line.slice(0, line.lastIndexOf(': '))))
  if (err.trim() !== '') throw new Error(`clamdscan: ${err.slice(0, 500)}`)
  return ms
}

function checkFound(paths: readonly string[]): void {
  const names = new Set(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)))
  for (let index = 0; index < planted; index++)
    if (!names.has(plantedName(index))) throw new Error(`${plantedName(index)} was not found`)
  if (names.size !== planted) throw new Error(`${names.size} files found instead of ${planted}`)
}

function* signatureLines(): Generator<string> {
  const line = (content: Buffer, name: string) =>
    `${createHash('sha256').update(content).digest('hex')}:${content.length}:${name}\n`
  for (let index = 0; index < planted; index++) yield line(plantedContent(index), `Bench.Planted-${index}`)
  let lines: string[] = []
  for (let index = planted; index < signatures; index++) {
    const digest = createHash('sha256').update(`signature ${index}`).digest('hex')
    lines.push(`${digest}:${1000 + ((index * 7919) % 5_000_000)}:Bench.Made-${index}\n`)
    if (lines.length === 10_000) {
      yield lines.join('')
      lines = []
    }
  }
  yield lines.join('')
}
