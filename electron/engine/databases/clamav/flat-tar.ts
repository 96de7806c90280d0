// Reads the tar inside a database container, piece by piece: flat names of plain files and nothing else.
// Never makes a file, never keeps content; anything but a plain file is refused with all of the archive.

/** What is told about each file, in the order of the archive. `name` is flat. */
export interface TarVisitor {
  begin(name: string, size: number): void
  /** Valid only during the call. */
  content(piece: Buffer): void
  end(): void
}

/** Why an archive is refused. */
export class RefusedArchive extends Error {}

export interface FlatTar {
  /** Throws RefusedArchive. */
  push(piece: Buffer): void
  /** Call after the last piece. Throws RefusedArchive when a file was cut. */
  finish(): void
}

const blockBytes = 512
const mostFiles = 10_000
const plainName = /^[A-Za-z0-9_+-][A-Za-z0-9_.+-]{0,98}$/

/** Source of the layout: POSIX ustar. */
export function flatTar(visitor: TarVisitor): FlatTar {
  const block = Buffer.alloc(blockBytes)
  let inBlock = 0
  let left = 0
  let padding = 0
  let isEnded = false
  let files = 0

  function header(): void {
    inBlock = 0
    if (block[0] === 0) {
      isEnded = true
      return
    }
    files += 1
    if (files > mostFiles) throw new RefusedArchive('too many files inside')
    const { name, size } = readEntry(block)
    left = size
    padding = (blockBytes - (size % blockBytes)) % blockBytes
    visitor.begin(name, size)
    if (left === 0) visitor.end()
  }

  function push(piece: Buffer): void {
    let at = 0
    while (at < piece.length && !isEnded) {
      if (left > 0) {
        const taken = piece.subarray(at, at + left)
        at += taken.length
        left -= taken.length
        visitor.content(taken)
        if (left === 0) visitor.end()
      } else if (padding > 0) {
        const skipped = Math.min(padding, piece.length - at)
        at += skipped
        padding -= skipped
      } else {
        const copied = piece.copy(block, inBlock, at, at + blockBytes - inBlock)
        at += copied
        inBlock += copied
        if (inBlock === blockBytes) header()
      }
    }
  }

  return {
    push,
    finish: () => {
      if (left > 0 || inBlock > 0 || files === 0) throw new RefusedArchive('it is cut off')
    },
  }
}

function readEntry(block: Buffer): { name: string; size: number } {
  const type = block[156] ?? 0
  if (type !== 0 && type !== 0x30) throw new RefusedArchive('it holds something else than plain files')
  const name = textOf(block, 0, 100)
  if (!plainName.test(name) || name.includes('..') || (isUstar(block) && block[345] !== 0))
    throw new RefusedArchive('it holds a name that is not plain')
  const size = textOf(block, 124, 12).trim()
  if (!/^[0-7]{1,11}$/.test(size)) throw new RefusedArchive('it holds a size that is not a number')
  return { name, size: Number.parseInt(size, 8) }
}

function isUstar(block: Buffer): boolean {
  return block.toString('latin1', 257, 262) === 'ustar'
}

function textOf(block: Buffer, at: number, length: number): string {
  const text = block.toString('latin1', at, at + length)
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}
