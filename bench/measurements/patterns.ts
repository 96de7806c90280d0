// First scan with thousands of YARA rules: the command line against YARA's own program, with the same rules on the same tree,
// and against the bare pattern engine in as many threads.
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type CliScan, cliScan } from '../support/command-line.ts'
import { type Figure, type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { writeLoadingTree } from '../support/loading-tree.ts'
import { copyProgramsAndLibraries, copySources, type Programs, planted } from '../support/programs.ts'
import { inProject } from '../support/project.ts'
import { type RuleSetFiles, ruleSet } from '../support/rule-set.ts'
import { compileForYara, differences, type YaraRun, yaraScan } from '../support/yara.ts'

const runs = 3
const threads = 2

export function patterns(): Promise<Findings> {
  return inFolder(async (folder) => {
    const rules = withSeedRules(ruleSet(folder))
    const compiled = await compileForYara(folder, rules.files)
    const data = join(folder, 'data')
    const trees = [
      { tree: join(folder, 'programs'), copy: copyProgramsAndLibraries, what: 'programs' },
      { tree: join(folder, 'sources'), copy: copySources, what: 'sources' },
    ]
    const found: Findings[] = []
    for (const { tree, copy, what } of trees) {
      const files = copy(tree)
      const loading = join(folder, `${what}-loading`)
      writeLoadingTree(tree, loading)
      found.push(await measure({ tree, loading, files, what, rules, compiled, data }))
    }
    return { figures: found.flatMap((each) => each.figures), notes: found.flatMap((each) => each.notes ?? []) }
  })
}

interface Job {
  readonly tree: string
  /** Of the same kinds, so small that a scan of it is start and loading. */
  readonly loading: string
  readonly files: Programs
  readonly what: string
  readonly rules: RuleSetFiles
  /** For the peer. */
  readonly compiled: string
  readonly data: string
}

async function measure({ tree, loading, files, what, rules, compiled, data }: Job): Promise<Findings> {
  const options = ['--no-cache', '--threads', String(threads), '--databases', rules.folder]
  // Compiles the rules and reads every file once, unmeasured.
  const firstMs = (await cliScan(tree, data, ...options)).ms
  const own: CliScan[] = []
  const loadings: CliScan[] = []
  const yara: YaraRun[] = []
  const raw: number[] = []
  for (let at = 0; at < runs; at++) {
    own.push(await cliScan(tree, data, ...options))
    loadings.push(await cliScan(loading, data, ...options))
    yara.push(await yaraScan(compiled, tree))
    raw.push(await rawMs(tree, rules))
  }
  const megabytes = files.bytes / 1e6
  return {
    figures: figures({ what, megabytes, own, loadings, yara, raw }),
    notes: [
      `${what}: a copy of ${files.source} with ${planted} planted markers: ${files.files} files, ${megabytes.toFixed(0)} MB; ${rules.what} and the seed rules; ${threads} threads on every side. Medians of ${runs} runs turn by turn, files in memory, rules compiled before on every side.`,
      `${what}: start and loading the rules are ${(median(loadings.map(({ ms }) => ms)) / 1000).toFixed(2)} s of the whole program; the bare engine's loading is not in its figure.`,
      `${what}: the run before, which compiles the rules where nobody has: ${(firstMs / 1000).toFixed(1)} s.`,
      `${what}: ${sameFindings(own, yara, rules)}`,
    ],
  }
}

/** The planted markers are theirs. */
function withSeedRules(rules: RuleSetFiles): RuleSetFiles {
  const seed = join(rules.folder, 'seed.yar')
  cpSync(inProject('resources/databases/seed.yar'), seed)
  return { ...rules, files: [...rules.files, seed] }
}

interface Measured {
  readonly what: string
  readonly megabytes: number
  readonly own: readonly CliScan[]
  readonly loadings: readonly CliScan[]
  readonly yara: readonly YaraRun[]
  readonly raw: readonly number[]
}

function figures({ what, megabytes, own, loadings, yara, raw }: Measured): Figure[] {
  const rate = (ms: readonly number[]) => megabytes / (median(ms) / 1000)
  const peer = { name: `yara -C -p ${threads} -r`, value: rate(yara.map(({ ms }) => ms)) }
  const whole = rate(own.map(({ ms }) => ms))
  const alone = rate(own.map(({ scanMs }) => scanMs))
  const loaded = rate([median(own.map(({ ms }) => ms)) - median(loadings.map(({ ms }) => ms))])
  return [
    { name: `${what}, whole program`, value: whole, unit: 'MB/s', peer },
    { name: `${what}, without start`, value: alone, unit: 'MB/s', peer, goal: '>= 7x' },
    {
      name: `${what}, without start and loading`,
      value: loaded,
      unit: 'MB/s',
      peer: { name: `bare pattern engine, ${threads} threads, content in memory`, value: rate(raw) },
      goal: '>= 0.9x',
    },
  ]
}

/** Throws when the sides found different things. */
function sameFindings(own: readonly CliScan[], yara: readonly YaraRun[], rules: RuleSetFiles): string {
  let [compared, excepted] = [0, 0]
  for (const [at, scan] of own.entries()) {
    const peer = yara[at]
    if (peer === undefined) throw new Error('a run is missing')
    const result = differences(scan, peer, rules.usesVariables)
    if (result.differing.length > 0) throw new Error(`different findings: ${result.differing.slice(0, 20).join(', ')}`)
    if (result.compared < planted) throw new Error('not even the planted markers were found')
    compared = result.compared
    excepted = result.excepted
  }
  return `Equal findings checked in every run: the same ${compared} pairs of rule and file; not compared: ${excepted} pairs of rules that ask for a file's name, path or type, which YARA's program is not told.`
}

/** How long the bare engine takes in threads of its own, each with its own rules, files already read. */
async function rawMs(tree: string, rules: RuleSetFiles): Promise<number> {
  const sources = rules.files.map((file) => ({ namespace: file, source: readFileSync(file, 'utf8') }))
  const times = await Promise.all(
    Array.from({ length: threads }, (_value, part) => {
      const worker = new Worker(join(import.meta.dirname, 'raw-patterns.js'), {
        workerData: { tree, sources, part, parts: threads },
      })
      return new Promise<number>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      }).finally(() => worker.terminate())
    }),
  )
  // As if the files were shared out perfectly.
  return times.reduce((sum, ms) => sum + ms, 0) / threads
}
