// The list of everything that the fuzzer can run, with how many inputs a short run tries.
import { corpus } from './corpus.ts'
import { cureTargets } from './cure-targets.ts'
import { databaseTargets } from './database-targets.ts'
import { decoderTarget } from './decoder-target.ts'
import { feedTargets } from './feed-targets.ts'
import { lineTargets } from './line-targets.ts'
import { recordTargets } from './record-targets.ts'
import { scanTarget } from './scan-target.ts'
import type { Target } from './target.ts'
import { treatmentTargets } from './treatment-targets.ts'

/** What 7-Zip opens takes ten times as long as what is opened here. */
const [scans, scansBySevenZip] = [80, 30]
const ownDecoders =
  /^(?:zip-(?!bzip2|lzma|ppmd|deflate64)|tar|gz|lz4|asar|rawdisc|pdf|rtf|onenote|sis|mail|uuencode|binhex|tnef|html|pe|elf|lnk|script)/

/** All targets, in the order in which they run. */
export async function allTargets(): Promise<Target[]> {
  const fixtures = await corpus()
  const ofScanner = fixtures.map((fixture) =>
    scanTarget(fixture, fixtures, ownDecoders.test(fixture.name) ? scans : scansBySevenZip),
  )
  return [
    ...ofScanner,
    decoderTarget(1500),
    ...databaseTargets(400, 60),
    ...feedTargets(400, 60),
    ...lineTargets(400),
    ...cureTargets(600),
    ...treatmentTargets(600, 60),
    ...recordTargets(1000, 100),
  ]
}

/** Those whose name, format or group is one of `wanted`; all of them when it is empty. */
export function chosen(targets: readonly Target[], wanted: readonly string[]): Target[] {
  if (wanted.length === 0) return [...targets]
  return targets.filter(({ name, group }) =>
    wanted.some((word) => word === name || word === group || name.startsWith(`${word}-`)),
  )
}
