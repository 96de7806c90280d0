// Keeps unpacked signature text while databases are loaded: in memory while it is small, else in a file without a name.
// Never leaves a file behind: it is unlinked before anything is written into it.
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface Spool {
  readonly size: number
  /** Throws file system errors, for example when there is no room. */
  append(bytes: Buffer): void
  /** The bytes from `start` to `end`; each piece is valid only until the next one. */
  pieces(start: number, end: number): Generator<Buffer>
  dispose(): void
}

const mostInMemory = 16 * 1024 * 1024
const pieceBytes = 1024 * 1024

/** `dir`: where the file lies that is made when it is needed; made with mode 0700 when it is missing. */
export function createSpool(dir: string, inMemory = mostInMemory): Spool {
  let kept: Buffer[] = []
  let fd: number | null = null
  let size = 0

  function toFile(): number {
    const file = openNameless(dir)
    for (const piece of kept) writeAll(file, piece)
    kept = []
    return file
  }

  function* fromFile(file: number, start: number, end: number): Generator<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, Math.max(1, end - start)))
    for (let at = start; at < end; ) {
      const got = readSync(file, buffer, 0, Math.min(buffer.length, end - at), at)
      if (got === 0) throw new Error('the spool is shorter than what was written')
      at += got
      yield buffer.subarray(0, got)
    }
  }

  function* fromMemory(start: number, end: number): Generator<Buffer> {
    let at = 0
    for (const piece of kept) {
      const part = piece.subarray(Math.max(0, start - at), Math.max(0, end - at))
      if (part.length > 0) yield part
      at += piece.length
    }
  }

  return {
    get size() {
      return size
    },
    append: (bytes) => {
      if (fd === null && size + bytes.length > inMemory) fd = toFile()
      if (fd === null) kept.push(Buffer.from(bytes))
      else writeAll(fd, bytes)
      size += bytes.length
    },
    pieces: (start, end) => (fd === null ? fromMemory(start, end) : fromFile(fd, start, end)),
    dispose: () => {
      if (fd !== null) closeSync(fd)
      fd = null
      kept = []
    },
  }
}

function openNameless(dir: string): number {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const own = mkdtempSync(join(dir, 'unpacked-'))
  try {
    return openSync(join(own, 'text'), 'wx+', 0o600)
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}
