// An open file as a source of bytes. Small reads that follow each other come from one piece that is kept.
// Never opens a path: it reads the very descriptor that was checked. Throws errors of the file system.
import type { ByteSource, LentBytes } from '../../files/byte-source.ts'
import { readAt, readInto } from '../../walk/file-reader.ts'
import type { ReadBuffer } from '../../walk/read-buffer.ts'

export interface OpenedFile {
  readonly fd: number
  readonly size: number
  /** What contents of the file are lent from. */
  readonly memory: ReadBuffer
}

/** Read on from where the last read ended: the next reads are likely to be there. */
const aheadBytes = 512 * 1024
/** Read where a reader has jumped to. */
const jumpBytes = 4096

export function sourceOfFile({ fd, size, memory }: OpenedFile): ByteSource {
  const piece = Buffer.allocUnsafe(aheadBytes)
  let start = 0
  let length = 0

  function isKept(at: number, bytes: number): boolean {
    return at >= start && at + bytes <= start + length
  }

  /** Keeps the bytes from `at` on. */
  function keep(at: number, bytes: number): void {
    const isNear = at >= start && at <= start + length + jumpBytes
    const wanted = Math.min(size - at, Math.max(bytes, isNear ? aheadBytes : jumpBytes))
    length = readInto(piece.subarray(0, wanted), fd, at).length
    start = at
  }

  /** Fills `into` from `at` on; the part that was filled. */
  function fill(into: Buffer, at: number): Buffer {
    if (into.length > aheadBytes / 2 && !isKept(at, into.length)) return readInto(into, fd, at)
    if (!isKept(at, into.length)) keep(at, into.length)
    const got = piece.copy(into, 0, at - start, Math.min(length, at - start + into.length))
    return into.subarray(0, got)
  }

  /** How many of these bytes there are. */
  function within(at: number, bytes: number): number {
    return at < 0 ? 0 : Math.max(0, Math.min(bytes, size - at))
  }

  return {
    size,
    read: (at, bytes) => {
      const there = within(at, bytes)
      if (there === 0) return Buffer.alloc(0)
      return there > aheadBytes / 2 ? readAt(fd, at, there) : fill(Buffer.allocUnsafe(there), at)
    },
    lend: (at, bytes): LentBytes => {
      const { bytes: room, giveBack } = memory.borrow(within(at, bytes))
      try {
        return { bytes: fill(room, at), giveBack }
      } catch (error) {
        giveBack()
        throw error
      }
    },
  }
}
