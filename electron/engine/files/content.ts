// Reads, hashes and writes whole contents through open descriptors, in pieces, giving other work a turn between them.
// Never opens a path: a content belongs to the descriptor that was checked.
import { createHash } from 'node:crypto'
import { fstatSync, readSync, writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import { ProductError } from '#shared/errors.ts'
import { identityOf } from './identity.ts'

const pieceBytes = 1024 * 1024

/** The pieces (at most `size` bytes each, in one buffer that is used again) of a file from its beginning. */
export async function* pieces(fd: number, size = pieceBytes): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(size)
  for (let at = 0; ; ) {
    const length = fillBuffer(fd, buffer, at)
    if (length > 0) yield buffer.subarray(0, length)
    if (length < size) return
    at += length
    await turn()
  }
}

/** SHA-256 (or MD5, for the package manager's records only) of an open file or of pieces, in lower-case hex. */
export async function hashOf(
  source: number | AsyncIterable<Buffer>,
  algorithm: 'sha256' | 'md5' = 'sha256',
): Promise<string> {
  const hash = createHash(algorithm)
  for await (const piece of typeof source === 'number' ? pieces(source) : source) hash.update(piece)
  return hash.digest('hex')
}

/** Identity of an open file by its own content. */
export async function identityOfOpen(fd: number): Promise<FileIdentity> {
  const sha256 = await hashOf(fd)
  return identityOf(fstatSync(fd, { bigint: true }), sha256)
}

/** The whole content. Throws ProductError `too-large` above `limitBytes`. */
export async function readWhole(fd: number, limitBytes: number): Promise<Buffer> {
  if (fstatSync(fd).size > limitBytes) throw new ProductError('too-large')
  const parts: Buffer[] = []
  let total = 0
  for await (const piece of pieces(fd)) {
    total += piece.length
    if (total > limitBytes) throw new ProductError('too-large')
    parts.push(Buffer.from(piece))
  }
  return Buffer.concat(parts, total)
}

/** Writes all bytes at the descriptor's position. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
}

/** Reads at `position` until the buffer is full or the file ends; how many bytes there were. */
export function fillBuffer(fd: number, buffer: Buffer, position: number): number {
  let length = 0
  while (length < buffer.length) {
    const got = readSync(fd, buffer, length, buffer.length - length, position + length)
    if (got === 0) break
    length += got
  }
  return length
}
