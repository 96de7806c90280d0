// What the engine says about one file: who it is, what was found in it, how much of it was looked at.
import { z } from 'zod'
import { FilePath } from './file-path.ts'
import { BigDecimal, Bytes, LongText, Md5, Sha256, ShortText } from './primitives.ts'
import { Coverage, NotScannedReason, ThreatVerdict } from './verdict.ts'

/** Identity of the very file that was read. An act on it re-checks all of this first. Times in ns since the epoch. */
export const FileIdentity = z.strictObject({
  dev: BigDecimal,
  ino: BigDecimal,
  size: Bytes,
  mtimeNs: BigDecimal,
  ctimeNs: BigDecimal,
  birthtimeNs: BigDecimal,
  nlink: z.number().int().positive(),
  sha256: Sha256,
})
export type FileIdentity = z.infer<typeof FileIdentity>

/** Where a rule comes from; shown with every match, as rule licences ask for. */
export const RuleInfo = z.strictObject({
  name: ShortText,
  author: LongText.optional(),
  reference: LongText.optional(),
  description: LongText.optional(),
  score: z.number().optional(),
})
export type RuleInfo = z.infer<typeof RuleInfo>

/** What found it. */
export const Detector = z.enum(['eicar', 'hash', 'yara', 'heuristic', 'clamd'])
export type Detector = z.infer<typeof Detector>

/** One match. `member`: path of member names from the outermost container inwards; empty = the file itself. */
export const Finding = z.strictObject({
  member: z.array(z.string().max(4096)).max(20),
  threat: ShortText,
  verdict: ThreatVerdict,
  detector: Detector,
  rule: RuleInfo.optional(),
})
export type Finding = z.infer<typeof Finding>

/** The outermost container of a file. `leaves`: files at the bottom of all nesting, so that what is worth keeping is counted. */
export const ContainerInfo = z.strictObject({
  format: ShortText,
  leaves: z.number().int().nonnegative(),
})
export type ContainerInfo = z.infer<typeof ContainerInfo>

/**
 * A scanned file in which something was found. `findings[0]` is the worst. `findingsComplete` is false when there were more
 * than are listed: then nobody knows all the bad members, and only the whole file can be acted on.
 */
export const DetectedObject = z.strictObject({
  path: FilePath,
  identity: FileIdentity,
  /** For people who look it up elsewhere; nothing is decided by it. Large files have none. */
  md5: Md5.optional(),
  findings: z.array(Finding).min(1).max(200),
  findingsComplete: z.boolean(),
  container: ContainerInfo.optional(),
  coverage: Coverage,
})
export type DetectedObject = z.infer<typeof DetectedObject>

/** A file, or a member of one, that was not (wholly) looked at. */
export const NotScannedObject = z.strictObject({
  path: FilePath,
  member: z.array(z.string().max(4096)).max(20),
  reason: NotScannedReason,
  /** False: nothing of it was looked at. True: a part was. */
  partial: z.boolean(),
  /** So many more of the same file that the report has no room for. */
  more: z.number().int().positive().optional(),
})
export type NotScannedObject = z.infer<typeof NotScannedObject>
