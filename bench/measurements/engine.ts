// The engine over a copy of the system's programs with planted markers: first and repeated scan, against listing the tree
// and against YARA's own program with the same rules.
import { copyFileSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { infectedMarkerBytes, suspiciousMarkerBytes } from '#shared/testing/samples.ts'
import { type CliScan, cliScan, findMs, isInstalled, run } from '../support/command-line.ts'
import { type Figure, type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { inProject } from '../support/project.ts'

const source = '/usr/bin'
const mostBytes = 400_000_000
const planted = 12
const runs = 3

interface YaraRun {
  readonly ms: number
  readonly matches: ReadonlySet<string>
}

export function engine(): Promise<Findings> {
  return inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    copyPrograms(tree)
    const compiled = isInstalled('yara') && isInstalled('yarac') ? await compileRules(folder) : null
    const first: CliScan[] = []
    const repeated: CliScan[] = []
    const listed: number[] = []
    const yara: YaraRun[] = []
    // Once unmeasured, so that every side finds the files in memory.
    await findMs(tree)
    await cliScan(tree, join(folder, 'data-warm'))
    for (let at = 0; at < runs; at++) {
      const data = join(folder, `data-${at}`)
      first.push(await cliScan(tree, data))
      if (compiled) yara.push(await yaraScan(compiled, tree))
      repeated.push(await cliScan(tree, data))
      listed.push(await findMs(tree))
    }
    const notes = [
      `A copy of ${source} with ${planted} planted markers: ${first[0]?.files} files, ${((first[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB. Medians of ${runs} runs turn by turn, files in memory. The seed databases alone.`,
      ...(compiled
        ? [sameFindings(first, yara)]
        : ['yara is not installed: no comparison with it (`apt-get install yara`).']),
    ]
    return { figures: [...firstFigures(first, yara), ...repeatFigures(first, repeated, listed)], notes }
  })
}

function firstFigures(first: readonly CliScan[], yara: readonly YaraRun[]): Figure[] {
  const megabytes = (first[0]?.bytes ?? 0) / 1e6
  const files = first[0]?.files ?? 0
  const whole = median(first.map((scan) => scan.ms)) / 1000
  const alone = median(first.map((scan) => scan.scanMs)) / 1000
  const peerSeconds = yara.length > 0 ? median(yara.map((each) => each.ms)) / 1000 : null
  const rate = (name: string, amount: number, unit: string, seconds: number): Figure => ({
    name,
    value: amount / seconds,
    unit,
    ...(peerSeconds === null ? {} : { peer: { name: 'yara -C -p 2 -r', value: amount / peerSeconds } }),
  })
  return [
    rate('first scan, whole program', megabytes, 'MB/s', whole),
    rate('first scan, whole program', files, 'files/s', whole),
    rate('first scan, without start', megabytes, 'MB/s', alone),
  ]
}

function repeatFigures(first: readonly CliScan[], repeated: readonly CliScan[], listed: readonly number[]): Figure[] {
  const peer = { name: 'find -type f -printf', value: median(listed) }
  const ms = (name: string, values: readonly number[], goal?: string): Figure => ({
    name,
    value: median(values),
    unit: 'ms',
    peer,
    ...(goal ? { goal } : {}),
  })
  return [
    ms(
      'first scan, without start',
      first.map((scan) => scan.scanMs),
    ),
    ms(
      'repeated scan, without start',
      repeated.map((scan) => scan.scanMs),
      '<= 2x',
    ),
    ms(
      'repeated scan, whole program',
      repeated.map((scan) => scan.ms),
    ),
  ]
}

/** Regular files only; nothing outside of the copy is ever looked at. */
function copyPrograms(tree: string): void {
  mkdirSync(tree, { recursive: true })
  let bytes = 0
  for (const name of readdirSync(source).sort()) {
    const file = join(source, name)
    const facts = lstatSync(file)
    if (!facts.isFile() || bytes + facts.size > mostBytes) continue
    copyFileSync(file, join(tree, name))
    bytes += facts.size
  }
  for (let index = 0; index < planted; index++) {
    const marker = index % 2 === 0 ? infectedMarkerBytes() : suspiciousMarkerBytes()
    const before = Buffer.alloc(index * 5000, `line ${index}\n`)
    writeFileSync(join(tree, `planted-${index}.bin`), Buffer.concat([before, marker]))
  }
}

async function compileRules(folder: string): Promise<string> {
  const compiled = join(folder, 'seed.yarc')
  const { code } = await run('yarac', [inProject('resources/databases/seed.yar'), compiled])
  if (code !== 0) throw new Error(`yarac ended with ${code}`)
  return compiled
}

async function yaraScan(compiled: string, tree: string): Promise<YaraRun> {
  const { ms, code, out } = await run('yara', ['-C', '-p', '2', '-r', compiled, tree])
  if (code !== 0) throw new Error(`yara ended with ${code}`)
  const matches = out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => match(line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)))
  return { ms, matches: new Set(matches) }
}

/** A figure counts only when both sides found the same. Throws otherwise. */
function sameFindings(first: readonly CliScan[], yara: readonly YaraRun[]): string {
  let compared = 0
  for (const [at, scan] of first.entries()) {
    const ours = new Set(
      scan.found.filter(({ member }) => member.length === 0).map(({ threat, path }) => match(threat, path)),
    )
    const theirs = yara[at]?.matches ?? new Set<string>()
    const differing = [...ours]
      .filter((each) => !theirs.has(each))
      .concat([...theirs].filter((each) => !ours.has(each)))
    if (differing.length > 0 || ours.size < planted) throw new Error(`different findings: ${differing.join(', ')}`)
    compared = ours.size
  }
  return `Equal findings checked in every run: the same ${compared} pairs of rule and file on both sides.`
}

function match(rule: string, path: string): string {
  return `${rule} ${basename(path)}`
}
