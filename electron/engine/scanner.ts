// The scanner of one thread: a file or a buffer goes in, what was found and how much was looked at comes out.
// Owns the reading of files and the verdict on them. Never writes, never decides what is done about a finding.
import { basename } from 'node:path'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { ContainerInfo, DetectedObject, Finding, NotScannedObject } from '#shared/domain/object-report.ts'
import type { Coverage, NotScannedReason, ThreatVerdict } from '#shared/domain/verdict.ts'
import { ObjectLook } from '#shared/engine-protocol/engine-contract.ts'
import type { SeenFile } from './cache/folder-record.ts'
import type { LoadedDatabases } from './databases/databases.ts'
import type { SecondEngine } from './detect/clamd/second-engine.ts'
import { type ContentReport, ContentScan } from './detect/content-scan.ts'
import { Detectors } from './detect/detectors.ts'
import { LargeScan } from './detect/large-scan.ts'
import { createPatternEngine } from './detect/pattern-backends.ts'
import type { PatternBackend } from './detect/pattern-engine.ts'
import type { PiecesTools } from './detect/pieces-scan.ts'
import { hashOf } from './files/content.ts'
import { identityOf } from './files/identity.ts'
import { toFilePath } from './files/path-text.ts'
import { type Limits, limitsWith } from './limits/limits.ts'
import type { PausePoint } from './scans/pause-point.ts'
import { createUnpackers } from './unpack/unpackers.ts'
import { closeFile, isUnchanged, type OpenFile, openFile, readInto, reasonOf } from './walk/file-reader.ts'
import { createReadBuffer, type ReadBuffer } from './walk/read-buffer.ts'

export interface ScanCost {
  /** Contents looked at: the file and all members. */
  readonly objects: number
  readonly bytes: number
}

interface Excluded {
  /** Matches that were not reported because their name is excluded. */
  readonly excluded: number
}

export type FileScanResult =
  | ({
      readonly kind: 'detected'
      readonly object: DetectedObject
      readonly notScanned: NotScannedObject[]
    } & ScanCost &
      Excluded)
  | ({
      readonly kind: 'nothing-found'
      readonly coverage: Coverage
      readonly notScanned: NotScannedObject[]
    } & ScanCost &
      Excluded & {
        /** Set when all of it was looked at and nothing was left out: who was read, and when (ms since the epoch). */
        readonly seen?: { readonly file: SeenFile; readonly readAtMs: number }
      })
  | ({
      readonly kind: 'not-scanned'
      readonly reason: NotScannedReason
      readonly notScanned: NotScannedObject[]
    } & ScanCost)

/** What is in a buffer. Without findings and with coverage `full`, nothing was found in all of it. */
export interface BufferScanResult extends ScanCost {
  readonly sha256: string
  readonly findings: Finding[]
  readonly findingsComplete: boolean
  readonly container?: ContainerInfo
  readonly coverage: Coverage
}

export interface Scanner {
  readonly patternBackend: PatternBackend | 'none'
  /** Never throws for what a file can be or do; FileRecalled only. Reads it twice at most. */
  scanFile(path: Buffer, look?: ObjectLook): Promise<FileScanResult>
  /** `name`: what rules may ask for; path or base name. */
  scanBuffer(bytes: Buffer, name: string): Promise<BufferScanResult>
  dispose(): void
}

interface Read {
  readonly report: ContentReport
  readonly open: OpenFile
  readonly readAtMs: number
  readonly md5?: string
}

export interface ScannerOptions {
  /** Bounds that differ from the table's. */
  readonly limits?: Partial<Limits>
  /** Asked too; disposed of with the scanner. */
  readonly secondEngine?: SecondEngine
  /** Asked in the middle of a file: scans/pause-point.ts. */
  readonly pausePoint?: PausePoint
}

/** Throws when the compiled rules do not fit this machine's pattern engine. One scanner for one thread. */
export async function createScanner(databases: LoadedDatabases, options: ScannerOptions = {}): Promise<Scanner> {
  const limits = limitsWith(options.limits)
  const patterns = await createPatternEngine(databases.rules, {
    timeoutMs: limits.patternTimeMs,
    maxMatches: limits.patternMatches,
  })
  const detectors = new Detectors(databases, patterns)
  const secondEngine = options.secondEngine ?? null
  const tools: PiecesTools = {
    detectors,
    unpackers: createUnpackers(),
    limits,
    secondEngine,
    buffer: createReadBuffer(limits.wholeFileBytes),
    windowBuffers: [windowBuffer(limits), windowBuffer(limits)],
    ...(options.pausePoint === undefined ? {} : { pausePoint: options.pausePoint }),
  }
  const toolsFor = new Map(
    ObjectLook.options.map((look) => [look, { ...tools, limits: limitsWith(options.limits, look) }]),
  )
  return {
    patternBackend: patterns?.backend ?? 'none',
    scanFile: async (path, look = 'on-demand') => resultOf(path, await readAndScan(path, toolsFor.get(look) ?? tools)),
    scanBuffer: async (bytes, name) => {
      const report = await new ContentScan(tools, name).scan(bytes, Buffer.from(basename(name)))
      const { excluded: _, problems: __, ...result } = report
      return { ...result, findings: worstFirst(report.findings), coverage: coverageOf(report) }
    },
    dispose: () => {
      detectors.dispose()
      secondEngine?.dispose()
    },
  }
}

function windowBuffer({ windowBytes, windowOverlapBytes }: Limits): ReadBuffer {
  return createReadBuffer(windowBytes + windowOverlapBytes)
}

/** A file that changes while it is read is read once more, then given up. */
async function readAndScan(path: Buffer, tools: PiecesTools): Promise<Read | NotScannedReason> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const readAtMs = Date.now()
    const open = openFile(path)
    if (typeof open === 'string') return open
    try {
      const report = await scanOpen(path, open, tools)
      if (typeof report !== 'string') {
        const md5 = report.findings.length === 0 ? {} : await md5Of(open, tools.limits)
        if (isUnchanged(open)) return { report, open, readAtMs, ...md5 }
      } else if (report !== 'changed') return report
    } catch (error) {
      return reasonOf(error)
    } finally {
      closeFile(open)
    }
  }
  return 'changed'
}

/** Of what a person may look up elsewhere; reading a large file once more would not be worth it. */
async function md5Of({ fd, stat }: OpenFile, { wholeFileBytes }: Limits): Promise<Pick<Read, 'md5'>> {
  return Number(stat.size) > wholeFileBytes ? {} : { md5: await hashOf(fd, 'md5') }
}

async function scanOpen(path: Buffer, open: OpenFile, tools: PiecesTools): Promise<ContentReport | NotScannedReason> {
  const { text } = toFilePath(path)
  const name = path.subarray(path.lastIndexOf('/') + 1)
  const size = Number(open.stat.size)
  if (size > tools.limits.wholeFileBytes) {
    const report = await new LargeScan(tools, text).scan(open, name)
    return isUnchanged(open) ? report : 'changed'
  }
  const lent = tools.buffer.borrow(size)
  try {
    const bytes = readInto(lent.bytes, open.fd, 0)
    if (bytes.length !== size || !isUnchanged(open)) return 'changed'
    return await new ContentScan(tools, text).scan(bytes, name)
  } finally {
    lent.giveBack()
  }
}

function resultOf(path: Buffer, read: Read | NotScannedReason): FileScanResult {
  const shown = toFilePath(path)
  if (typeof read === 'string') {
    const entry: NotScannedObject = { path: shown, member: [], reason: read, partial: false }
    return { kind: 'not-scanned', reason: read, notScanned: [entry], objects: 0, bytes: 0 }
  }
  const { report, open } = read
  const { objects, bytes, excluded } = report
  const notScanned = gapsOf(shown, report)
  const coverage = coverageOf(report)
  // Of a container that does not even show what it holds nothing was looked at but its cover.
  const closed = report.problems.find(({ member, partial }) => member.length === 0 && !partial)
  if (report.findings.length === 0 && closed !== undefined)
    return { kind: 'not-scanned', reason: closed.reason, notScanned, objects, bytes }
  if (report.findings.length === 0) {
    const isWhole = coverage.kind === 'full' && excluded === 0
    const seen = isWhole ? { seen: { file: seenFile(open), readAtMs: read.readAtMs } } : {}
    return { kind: 'nothing-found', coverage, notScanned, objects, bytes, excluded, ...seen }
  }
  const object: DetectedObject = {
    path: shown,
    identity: identityOf(open.stat, report.sha256),
    ...(read.md5 === undefined ? {} : { md5: read.md5 }),
    findings: worstFirst(report.findings),
    findingsComplete: report.findingsComplete,
    coverage,
    ...(report.container === undefined ? {} : { container: report.container }),
  }
  return { kind: 'detected', object, notScanned, objects, bytes, excluded }
}

/** The last one says how many there are besides. */
function gapsOf(path: FilePath, { problems, moreProblems }: ContentReport): NotScannedObject[] {
  return problems.map((problem, at) => {
    const isLast = at === problems.length - 1
    return { path, ...problem, ...(isLast && moreProblems > 0 ? { more: moreProblems } : {}) }
  })
}

function seenFile({ stat: { dev, ino, size, mtimeNs, ctimeNs, birthtimeNs } }: OpenFile): SeenFile {
  return { dev, ino, size, mtimeNs, ctimeNs, birthtimeNs }
}

function coverageOf({ problems }: ContentReport): Coverage {
  const reasons = [...new Set(problems.map(({ reason }) => reason))].slice(0, 8)
  return reasons.length === 0 ? { kind: 'full' } : { kind: 'partial', reasons }
}

const weight: Readonly<Record<ThreatVerdict, number>> = { infected: 0, 'probably-infected': 1, risky: 2 }

function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => weight[a.verdict] - weight[b.verdict])
}
