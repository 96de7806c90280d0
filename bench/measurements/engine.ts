// The engine over a copy of the system's programs with planted markers and the product's own few rules, against YARA's own
// program with the same rules: what reading, identifying, hashing and unpacking cost.
import { join } from 'node:path'
import { type CliScan, cliScan } from '../support/command-line.ts'
import { type Figure, type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { copyPrograms, planted } from '../support/programs.ts'
import { inProject } from '../support/project.ts'
import { compileForYara, differences, type YaraRun, yaraScan } from '../support/yara.ts'

const runs = 3

export function engine(): Promise<Findings> {
  return inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    const { source } = copyPrograms(tree)
    const compiled = await compileForYara(folder, [inProject('resources/databases/seed.yar')])
    const first: CliScan[] = []
    const yara: YaraRun[] = []
    // Once unmeasured, so that every side finds the files in memory.
    await cliScan(tree, join(folder, 'data-warm'))
    for (let at = 0; at < runs; at++) {
      const data = join(folder, `data-${at}`)
      first.push(await cliScan(tree, data, '--no-cache'))
      yara.push(await yaraScan(compiled, tree))
    }
    const notes = [
      `A copy of ${source} with ${planted} planted markers: ${first[0]?.files} files, ${((first[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB. Medians of ${runs} runs turn by turn, files in memory. The seed databases alone.`,
      sameFindings(first, yara),
    ]
    return { figures: firstFigures(first, yara), notes }
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

/** A figure counts only when both sides found the same. Throws otherwise. */
function sameFindings(first: readonly CliScan[], yara: readonly YaraRun[]): string {
  let compared = 0
  for (const [at, scan] of first.entries()) {
    const result = differences(scan, yara[at] ?? { ms: 0, matches: new Set() }, () => false)
    if (result.differing.length > 0 || result.compared < planted)
      throw new Error(`different findings: ${result.differing.join(', ')}`)
    compared = result.compared
  }
  return `Equal findings checked in every run: the same ${compared} pairs of rule and file on both sides.`
}
