// Decides which unpackers look into a content, by what it is and by what is hidden in it.
// Never opens anything itself.

import type { ByteSource } from '../files/byte-source.ts'
import { carriers, carriesArchive, findCarried } from '../identify/carried.ts'
import { type Format, hasAppendedZip, hiddenImage } from '../identify/identify.ts'
import { oneNoteUnpacker, sisUnpacker } from './documents/carved.ts'
import { oleObjectsUnpacker } from './documents/ole-objects.ts'
import { pdfUnpacker } from './documents/pdf.ts'
import { rtfUnpacker } from './documents/rtf.ts'
import { gzipUnpacker } from './gzip.ts'
import { mailUnpacker } from './mail/mail.ts'
import { binhexUnpacker, pageUnpacker, tnefUnpacker, uuUnpacker } from './mail/text-containers.ts'
import { createSevenZipUnpacker } from './seven-zip.ts'
import { tarUnpacker } from './tar.ts'
import type { Unpacker } from './unpacker.ts'
import { createZipUnpacker, zipFormats } from './zip.ts'

/** One way into a content. */
export interface Opening {
  readonly unpacker: Unpacker
  readonly format: Format
  readonly bytes: Buffer
  /** True: it only looks like a container there; that nothing comes out is no damage. */
  readonly guessed: boolean
}

export interface Unpackers {
  /** All ways into this content; none for what is no container. */
  openings(bytes: Buffer, format: Format): Opening[]
}

export function createUnpackers(): Unpackers {
  const sevenZip = createSevenZipUnpacker()
  const zip = createZipUnpacker(sevenZip)
  const inText = [mailUnpacker, uuUnpacker, binhexUnpacker, pageUnpacker, tnefUnpacker]
  const inDocuments = [oleObjectsUnpacker, pdfUnpacker, rtfUnpacker, oneNoteUnpacker, sisUnpacker]
  const all = [zip, tarUnpacker, gzipUnpacker, sevenZip, ...inText, ...inDocuments]
  return {
    openings: (bytes, format) => {
      const found = openingsOf(format, bytes, false)
      if (!zipFormats.has(format) && bytes.length > 22 && hasAppendedZip(bytes)) {
        found.push({ unpacker: zip, format: 'zip', bytes, guessed: true })
      }
      const image = hiddenImage(bytes, format)
      if (image !== null) found.push(...openingsOf(image, bytes, true))
      if (!carriers.has(format)) return found
      const carried = findCarried(bytes, format)
      const behind = carried.flatMap(({ format, at, end, isCertain }) =>
        openingsOf(format, bytes.subarray(at, end), !isCertain),
      )
      return [...found, ...behind]
    },
  }

  function openingsOf(format: Format, bytes: Buffer, guessed: boolean): Opening[] {
    const fitting = all.filter(({ formats }) => formats.has(format))
    return fitting.map((unpacker): Opening => ({ unpacker, format, bytes, guessed }))
  }
}

/**
 * True for what has members, by its format or by what is hidden in it. For contents that are not in memory.
 * `start`: the first 64 KB.
 */
export function isContainer(content: LargeContent, unpackers: Unpackers): boolean {
  const { source, start, format } = content
  if (unpackers.openings(Buffer.alloc(0), format).length > 0) return true
  return hiddenImage(start, format) !== null || carriesArchive(source, format)
}

export interface LargeContent {
  readonly source: ByteSource
  readonly start: Buffer
  readonly format: Format
}
