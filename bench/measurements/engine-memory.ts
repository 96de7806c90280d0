// What the engine process holds with thousands of rules, a million hash signatures and two scan threads, over a long scan.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cliScan } from '../support/command-line.ts'
import type { Findings } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { memoryMiB, processTree } from '../support/machine.ts'
import { copyPrograms } from '../support/programs.ts'
import { inProject } from '../support/project.ts'
import { ruleSet } from '../support/rule-set.ts'
import { pause } from '../support/wait.ts'

const signatures = 1_000_000
const rounds = 4
const sampleEveryMs = 250

export function engineMemory(): Promise<Findings> {
  return inFolder(async (folder) => {
    const rules = ruleSet(folder)
    await pipeline(signatureLines(), createWriteStream(join(rules.folder, 'million.hsb')))
    const trees = Array.from({ length: rounds }, (_value, index) => join(folder, `tree-${index}`))
    for (const tree of trees) copyPrograms(tree)
    const data = join(folder, 'data')
    const options = ['--no-cache', '--threads', '2', '--databases', rules.folder]
    // Compiles the rules and builds the tables.
    await cliScan(trees[0] ?? '', data, ...options)
    const bare = await bareNodeMiB()
    const samples = await engineSamples(data, [...options, ...trees])
    const part = (from: number, to: number) =>
      Math.max(...samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)))
    const peer = { name: 'an empty Node process', value: bare }
    return {
      figures: [
        { name: 'engine process, most in the first quarter of the scan', value: part(0, 0.25), unit: 'MiB', peer },
        { name: 'engine process, most in the last quarter of the scan', value: part(0.75, 1), unit: 'MiB', peer },
        {
          name: 'above Node, most of all',
          value: Math.max(...samples) - bare,
          unit: 'MiB',
          goal: '<= 300',
        },
        { name: 'above Node, least of all (files in memory are few)', value: Math.min(...samples) - bare, unit: 'MiB' },
      ],
      notes: [
        `${rules.what}, ${signatures} SHA-256 signatures, 2 threads; PSS every ${sampleEveryMs} ms, ${samples.length} samples after the start. Files that are being read are part of it.`,
      ],
    }
  })
}

/** Memory of the engine's process, from when its databases are loaded to the end of the scan. */
async function engineSamples(data: string, args: readonly string[]): Promise<number[]> {
  const child = spawn(process.execPath, [inProject('out/main/cli.js'), 'scan', '--json', ...args], {
    env: { ...process.env, PROTECTION_DATA_DIR: data },
    stdio: 'ignore',
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const samples: number[] = []
  while (child.exitCode === null) {
    const engine = processTree(child.pid ?? 0).find((pid) => commandOf(pid).includes('engine-host'))
    if (engine !== undefined) samples.push(memoryMiB(engine))
    await pause(sampleEveryMs)
  }
  const code = await ended
  if (code !== 0 && code !== 1) throw new Error(`the command line ended with ${code}`)
  // The first second is loading.
  return samples.slice(1000 / sampleEveryMs).filter((each) => each > 0)
}

async function bareNodeMiB(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' })
  try {
    await pause(1000)
    return memoryMiB(child.pid ?? 0)
  } finally {
    child.kill()
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function* signatureLines(): Generator<string> {
  for (let first = 0; first < signatures; first += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_value, index) => {
      const digest = createHash('sha256')
        .update(`signature ${first + index}`)
        .digest('hex')
      return `${digest}:${1000 + first + index}:Bench.Made-${first + index}\n`
    })
    yield lines.join('')
  }
}
