// What a detector is given and what it answers with. Types only.
import type { Finding } from '#shared/domain/object-report.ts'
import type { Format } from '../identify/identify.ts'

export type Detection = Omit<Finding, 'member'>

/** A content as the detectors see it. `path` is the file's, `name` the member's or file's own. */
export interface Subject {
  readonly bytes: Buffer
  readonly sha256: Buffer
  readonly format: Format
  readonly name: string
  readonly path: string
  /** 0 = the file itself. */
  readonly depth: number
}
