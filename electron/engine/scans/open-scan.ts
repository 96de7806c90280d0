// Looks at the content of an open descriptor of this process, for treatment and restore.
// Never opens a path, never closes the descriptor.
import { fstatSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { BufferScanResult } from '../scanner.ts'
import { readAt } from '../walk/file-reader.ts'
import type { OpenResult } from './worker-protocol.ts'

/** As much as Quarantine takes of one object. */
const maxOpenBytes = 256 * 1024 * 1024

/** Reads it as a whole; what is too big for that is not scanned. Null: nothing can be said about it. */
export async function scanOpen(
  scanner: { scanBuffer(bytes: Buffer, name: string): Promise<BufferScanResult> },
  fd: number,
): Promise<OpenResult> {
  try {
    const size = fstatSync(fd).size
    if (size > maxOpenBytes) return null
    const name = path.basename(readlinkSync(`/proc/self/fd/${fd}`))
    const result = await scanner.scanBuffer(readAt(fd, 0, size), name)
    return result.findings.length === 0 && result.coverage.kind === 'none' ? null : result
  } catch {
    return null
  }
}
