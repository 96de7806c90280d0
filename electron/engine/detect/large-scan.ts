// Looks at a file too large for memory: one pass in windows that overlap, hash and patterns at once.
// Never opens containers: a large archive is reported as looked at in part.
import { createHash, type Hash } from 'node:crypto'
import type { Finding } from '#shared/domain/object-report.ts'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { type Format, identify } from '../identify/identify.ts'
import type { Limits } from '../limits/limits.ts'
import { isContainer, type Unpackers } from '../unpack/unpackers.ts'
import { type OpenFile, readAt } from '../walk/file-reader.ts'
import type { ContentReport, MemberProblem } from './content-scan.ts'
import { type Detectors, variablesOf } from './detectors.ts'
import type { Detection } from './subject.ts'

export class LargeScan {
  private readonly detectors: Detectors
  private readonly unpackers: Unpackers
  private readonly limits: Limits
  private readonly path: string
  private readonly reasons = new Set<NotScannedReason>()
  private readonly deadline: number

  constructor(tools: { detectors: Detectors; unpackers: Unpackers; limits: Limits }, path: string) {
    this.detectors = tools.detectors
    this.unpackers = tools.unpackers
    this.limits = tools.limits
    this.path = path
    this.deadline = performance.now() + tools.limits.timeMs
  }

  /** Throws file system errors. Without findings in a file above `objectBytes`, `sha256` is of its start only. */
  scan({ fd, stat }: OpenFile, name: Buffer): ContentReport {
    const size = Number(stat.size)
    const hash = createHash('sha256')
    const { matched, read } = this.scanWindows({ fd, size, name: name.toString('utf8'), hash })
    const isWhole = read === size
    if (!isWhole && matched.length > 0) hashRest({ fd, hash, from: read, piece: this.limits.windowOverlapBytes })
    const digest = hash.digest()
    if (isWhole && this.detectors.isTrusted(digest, size)) return this.report(digest, [], { bytes: read, excluded: 0 })
    const { detections, excluded } = this.detectors.detectInPieces(digest, size, matched)
    return this.report(digest, detections, { bytes: read, excluded })
  }

  private scanWindows(file: { fd: number; size: number; name: string; hash: Hash }): {
    matched: Detection[]
    read: number
  } {
    const { windowBytes, windowOverlapBytes, objectBytes } = this.limits
    const end = Math.min(file.size, objectBytes)
    if (end < file.size) this.reasons.add('too-big')
    const matched: Detection[] = []
    let format: Format | undefined
    let overlap = Buffer.alloc(0)
    let at = 0
    while (at < end) {
      const piece = readAt(file.fd, at, Math.min(windowBytes, end - at))
      if (piece.length === 0) break
      file.hash.update(piece)
      format ??= this.identifyFirst(piece)
      const window = overlap.length === 0 ? piece : Buffer.concat([overlap, piece])
      const variables = variablesOf({ name: file.name, path: this.path, format })
      const { detections, problem } = this.detectors.byPattern(window, variables)
      matched.push(...detections)
      if (problem !== undefined) this.reasons.add(problem)
      at += piece.length
      overlap = Buffer.from(piece.subarray(-windowOverlapBytes))
      if (performance.now() > this.deadline && at < end) {
        this.reasons.add('time-limit')
        break
      }
    }
    return { matched, read: at }
  }

  private identifyFirst(piece: Buffer): Format {
    const format = identify(piece)
    if (isContainer(format, this.unpackers)) this.reasons.add('too-big')
    return format
  }

  private report(
    digest: Buffer,
    detections: readonly Detection[],
    cost: { bytes: number; excluded: number },
  ): ContentReport {
    const findings = detections
      .slice(0, this.limits.findings)
      .map((detection): Finding => ({ member: [], ...detection }))
    const problems = [...this.reasons].map((reason): MemberProblem => ({ member: [], reason, partial: true }))
    const findingsComplete = findings.length === detections.length
    return { sha256: digest.toString('hex'), findings, findingsComplete, problems, objects: 1, ...cost }
  }
}

/** The identity of a detected file needs the digest of all of it, whatever its size. */
function hashRest({ fd, hash, from, piece }: { fd: number; hash: Hash; from: number; piece: number }): void {
  for (let at = from; ; ) {
    const bytes = readAt(fd, at, piece)
    if (bytes.length === 0) return
    hash.update(bytes)
    at += bytes.length
  }
}
