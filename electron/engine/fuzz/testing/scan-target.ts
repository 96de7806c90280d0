// Scans changed fixtures and checks what a scanner promises for whatever it is given: it answers, within its limits, with
// valid reports, the same each time, and says so when something could not be looked at.
// Never knows what should be found in an input.
import { createHash } from 'node:crypto'
import { ContainerInfo, Finding, NotScannedObject } from '#shared/domain/object-report.ts'
import { Coverage } from '#shared/domain/verdict.ts'
import { type LoadedDatabases, loadDatabases } from '../../databases/databases.ts'
import { type ContentReport, ContentScan } from '../../detect/content-scan.ts'
import { Detectors } from '../../detect/detectors.ts'
import { createPatternEngine } from '../../detect/pattern-backends.ts'
import { type Format, identify } from '../../identify/identify.ts'
import { type Limits, limitsWith } from '../../limits/limits.ts'
import { type BufferScanResult, createScanner } from '../../scanner.ts'
import type { Member } from '../../unpack/unpacker.ts'
import { createUnpackers, type Unpackers } from '../../unpack/unpackers.ts'
import type { Fixture } from './fixture.ts'
import { flooded, mutated, type Stock } from './mutate.ts'
import type { Probe, Target } from './target.ts'

const MiB = 1024 * 1024
/** Small enough that a bound is really met now and then. */
export const fuzzLimits: Partial<Limits> = {
  timeMs: 2000,
  unpackedBytes: 64 * MiB,
  memberBytes: 32 * MiB,
  extractBytes: 64 * MiB,
  members: 1000,
  patternTimeMs: 2000,
}
const [mostBytes, mostFloodBytes, mostTorrentBytes] = [64 * 1024, MiB, 16 * MiB]
/** Each so manieth input is a flood or a torrent; each so manieth is scanned a second time, with eyes on the unpackers. */
const [floodEvery, torrentEvery, againEvery] = [50, 500, 2]
const problem = NotScannedObject.omit({ path: true })

/** `all`: the whole corpus, from which parts are taken. */
export function scanTarget(fixture: Fixture, all: readonly Fixture[], count: number): Target {
  const { name, group } = fixture
  const others = all.filter((other) => other.group === group).map(({ bytes }) => bytes)
  return { name, group, count, mostCpuMs: 5000, open: () => openScan(fixture, others) }
}

async function openScan(fixture: Fixture, others: readonly Buffer[]): Promise<Probe> {
  const databases = await loadSeed()
  const scanner = await createScanner(databases, { limits: fuzzLimits })
  const watched = await openWatched(databases)
  const stock = (most: number): Stock => ({ tokens: fixture.tokens, others, mostBytes: most })
  const finish = fixture.finish ?? ((bytes: Buffer) => bytes)
  return {
    input: (random, index) => {
      const most = mostBytesOf(index)
      const changed = (most === mostBytes ? mutated : flooded)(fixture.bytes, random, stock(most))
      // Sums that do not fit are damage too.
      return random.oneIn(16) ? changed : finish(changed)
    },
    check: async (input, _, index) => {
      const result = await scanner.scanBuffer(input, `fuzz/${fixture.name}`)
      checkReport(input, result)
      if (index % againEvery === 0) checkAgain(result, await watched.scan(input, `fuzz/${fixture.name}`))
    },
    close: () => {
      scanner.dispose()
      watched.dispose()
    },
  }
}

function mostBytesOf(index: number): number {
  if (index % torrentEvery === torrentEvery - 1) return mostTorrentBytes
  return index % floodEvery === floodEvery - 1 ? mostFloodBytes : mostBytes
}

let seed: Promise<LoadedDatabases> | undefined

function loadSeed(): Promise<LoadedDatabases> {
  seed ??= loadDatabases('resources/databases', { source: 'seed' })
  return seed
}

function checkReport(input: Buffer, result: BufferScanResult): void {
  for (const finding of result.findings) Finding.parse(finding)
  Coverage.parse(result.coverage)
  if (result.container !== undefined) ContainerInfo.parse(result.container)
  if (result.findings.length > 200) throw new Error(`${result.findings.length} findings in one report`)
  if (result.sha256 !== createHash('sha256').update(input).digest('hex')) throw new Error('another digest')
  if (result.objects < 1 || result.bytes < input.length) throw new Error('less than the content itself was looked at')
  const isOpened = result.objects > 1 || result.coverage.kind !== 'full'
  const format = identify(input)
  if (!isOpened && archives.has(format) && !isEmptyArchive(input, format))
    throw new Error(`nothing came out of this ${format}, and nobody was told`)
}

/** Formats that are nothing but what is in them; not those that may honestly hold nothing. */
const archives: ReadonlySet<Format> = new Set<Format>([
  ...([
    'zip',
    'ooxml',
    'jar',
    'tar',
    'gz',
    '7z',
    'rar',
    'cab',
    'xz',
    'bz2',
    'zst',
    'lz4',
    'arj',
    'lzh',
    'cpio',
  ] as const),
  ...(['compress', 'ar', 'rpm', 'wim', 'squashfs', 'szdd', 'xar', 'lzma', 'binhex'] as const),
])

/** True for one that says itself that there is nothing in it. */
function isEmptyArchive(input: Buffer, format: Format): boolean {
  if (format === 'zip') return input.readUInt32LE(0) === 0x06054b50
  if (format === 'ar') return input.length === 8
  return format === 'cpio' && input.subarray(0, 130).includes('TRAILER!!!')
}

interface Watched {
  readonly report: ContentReport
  /** Problems that an unpacker told of what it did not only guess to be a container. */
  readonly told: readonly string[]
}

function checkAgain(first: BufferScanResult, { report, told }: Watched): void {
  for (const one of report.problems) problem.parse(one)
  const reasons = [...new Set(report.problems.map(({ reason }) => reason))]
  if (told.length > 0 && first.coverage.kind === 'full')
    throw new Error(`coverage is full although an unpacker told: ${told.slice(0, 3).join(', ')}`)
  const isTimed = reasons.includes('time-limit') || JSON.stringify(first.coverage).includes('time-limit')
  if (isTimed) return
  const one = summary(first.findings, first.coverage.kind === 'full' ? [] : reasonsOf(first.coverage), first.objects)
  const other = summary(report.findings, reasons.slice(0, 8), report.objects)
  if (one !== other) throw new Error(`the second scan said something else: ${one} / ${other}`)
}

function reasonsOf(coverage: Coverage): readonly string[] {
  return coverage.kind === 'partial' ? coverage.reasons : []
}

function summary(findings: readonly Finding[], reasons: readonly string[], objects: number): string {
  const threats = findings.map(({ member, threat }) => [...member, threat].join('!')).sort()
  return JSON.stringify({ threats, reasons, objects })
}

/** The same scan once more, with unpackers whose problems are noted. */
async function openWatched(databases: LoadedDatabases): Promise<{
  scan(input: Buffer, name: string): Promise<Watched>
  dispose(): void
}> {
  const limits = limitsWith(fuzzLimits)
  const patterns = await createPatternEngine(databases.rules, {
    timeoutMs: limits.patternTimeMs,
    maxMatches: limits.patternMatches,
  })
  const detectors = new Detectors(databases, patterns)
  const told: string[] = []
  const unpackers = noting(createUnpackers(), told)
  return {
    scan: async (input, name) => {
      told.length = 0
      const scan = new ContentScan({ detectors, unpackers, limits, secondEngine: null }, name)
      const report = await scan.scan(input, Buffer.from(name.slice(name.lastIndexOf('/') + 1)))
      return { report, told: [...told] }
    },
    dispose: () => detectors.dispose(),
  }
}

function noting(unpackers: Unpackers, told: string[]): Unpackers {
  return {
    openings: (bytes, format) =>
      unpackers.openings(bytes, format).map((opening) => ({
        ...opening,
        unpacker: {
          formats: opening.unpacker.formats,
          unpack: async function* (input): AsyncGenerator<Member> {
            for await (const member of opening.unpacker.unpack(input)) {
              const reason = reasonOf(member)
              if (reason !== undefined && !opening.guessed) told.push(`${identify(bytes)}: ${reason}`)
              yield member
            }
          },
        },
      })),
  }
}

function reasonOf(member: Member): string | undefined {
  return member.kind === 'content' ? member.problem : member.reason
}
