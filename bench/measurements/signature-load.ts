// Start with eight million hash signatures: the command line on one small file against clamscan with the same signatures on
// the same file; and what the engine process holds then.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cliScan, isInstalled, run } from '../support/command-line.ts'
import { type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { memoryMiB } from '../support/machine.ts'
import { inProject } from '../support/project.ts'
import { pause } from '../support/wait.ts'

const signatures = 8_000_000
const runs = 3
const smallFiles = 40_000
const planted = Buffer.from('a content that one of eight million signatures is about')

export function signatureLoad(): Promise<Findings> {
  if (!isInstalled('clamscan')) throw new Error('clamscan is not installed: apt-get install clamav')
  return inFolder(async (folder) => {
    const databases = join(folder, 'databases')
    const tree = join(folder, 'tree')
    for (const made of [databases, tree]) mkdirSync(made)
    await pipeline(signatureLines(), createWriteStream(join(databases, 'eight-million.hdb')))
    const few = join(folder, 'few')
    mkdirSync(few)
    writeFileSync(join(few, 'few.hdb'), signatureLine(planted, 'Bench.Planted'))
    writeFileSync(join(tree, 'planted'), planted)
    const data = join(folder, 'data')
    const options = ['--no-cache', '--threads', '2']
    const firstMs = (await cliScan(tree, data, ...options, '--databases', databases)).ms
    const many: number[] = []
    const base: number[] = []
    // Once: it takes minutes, and what it takes is no close call.
    const peer = await peerMs(databases, tree)
    for (let at = 0; at < runs; at++) {
      many.push(await ownMs(tree, data, ...options, '--databases', databases))
      base.push(await ownMs(tree, data, ...options, '--databases', few))
    }
    const memory = await engineMiB(databases, join(folder, 'memory'))
    const baseMemory = await engineMiB(few, join(folder, 'memory'))
    return {
      figures: [
        {
          name: 'whole program',
          value: median(many) / 1000,
          unit: 's',
          peer: { name: peer.ended ? 'clamscan' : 'clamscan, stopped then', value: peer.ms / 1000 },
        },
        {
          name: 'loading alone (beside a start with one signature)',
          value: (median(many) - median(base)) / 1000,
          unit: 's',
          goal: '<= 2',
        },
        {
          name: 'memory of the engine above that with one signature',
          value: memory - baseMemory,
          unit: 'MiB',
          goal: '<= 250',
        },
      ],
      notes: [
        `${signatures} MD5 signatures with sizes; one file, found in every run${peer.ended ? ', by clamscan too' : '; clamscan did not end in time'}. Medians of ${runs} runs, clamscan once.`,
        `The very first start, reading the text included: ${(firstMs / 1000).toFixed(1)} s.`,
      ],
    }
  })
}

async function ownMs(tree: string, data: string, ...options: string[]): Promise<number> {
  const { ms, found } = await cliScan(tree, data, ...options)
  if (found.length !== 1) throw new Error(`${found.length} found instead of 1`)
  return ms
}

interface PeerRun {
  readonly ms: number
  /** False: it was stopped after the time that any program gets here. */
  readonly ended: boolean
}

async function peerMs(databases: string, tree: string): Promise<PeerRun> {
  // Quiet: its progress bar alone is gigabytes. It ends with 1 when something was found.
  const { ms, code } = await run('clamscan', ['--quiet', '-r', '-d', join(databases, 'eight-million.hdb'), tree])
  if (code !== 1 && code !== null) throw new Error(`clamscan did not find the planted file: ${code}`)
  return { ms, ended: code === 1 }
}

/** In the last second of a scan of many small files: then nothing large is in memory but the signatures. */
async function engineMiB(databases: string, data: string): Promise<number> {
  const small = join(data, '..', 'small')
  mkdirSync(small, { recursive: true })
  for (let index = 0; index < smallFiles; index++) writeFileSync(join(small, `${index}`), `small file ${index}`)
  const child = spawn(
    process.execPath,
    [inProject('out/main/cli.js'), 'scan', '--no-cache', '--threads', '2', '--databases', databases, small],
    {
      env: { ...process.env, PROTECTION_DATA_DIR: data },
      stdio: 'ignore',
    },
  )
  const samples: number[] = []
  while (child.exitCode === null) {
    samples.push(memoryMiB(child.pid ?? 0))
    await pause(200)
  }
  if (child.exitCode !== 0) throw new Error(`the command line ended with ${child.exitCode}`)
  return median(samples.slice(-5))
}

function signatureLine(content: Buffer, name: string): string {
  return `${createHash('md5').update(content).digest('hex')}:${content.length}:${name}\n`
}

function* signatureLines(): Generator<string> {
  yield signatureLine(planted, 'Bench.Planted')
  for (let first = 0; first < signatures; first += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_value, index) => {
      const digest = createHash('md5')
        .update(`signature ${first + index}`)
        .digest('hex')
      return `${digest}:${1000 + (((first + index) * 7919) % 5_000_000)}:Bench.Made-${first + index}\n`
    })
    yield lines.join('')
  }
}
