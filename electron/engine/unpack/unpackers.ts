// Decides which unpackers look into a content, by what it is and by what is hidden in it.
// Never opens anything itself.

import { type ByteSource, sourceOfBuffer } from '../files/byte-source.ts'
import { zipFormats } from '../identify/archive-formats.ts'
import { type Carried, carriesSomething, findCarried, hiddenPdf } from '../identify/carried.ts'
import { diskImage } from '../identify/disk-image.ts'
import { type Format, hiddenImage } from '../identify/identify.ts'
import { withLineFeeds } from '../identify/line-ends.ts'
import { findEndRecord } from '../identify/zip-end.ts'
import { asarUnpacker } from './asar.ts'
import { activeMimeUnpacker } from './documents/active-mime.ts'
import { oneNoteUnpacker, sisUnpacker } from './documents/carved.ts'
import { oleObjectsUnpacker } from './documents/ole-objects.ts'
import { pdfUnpacker } from './documents/pdf.ts'
import { rtfUnpacker } from './documents/rtf.ts'
import { gzipUnpacker } from './gzip.ts'
import { lz4Unpacker } from './lz4.ts'
import { holdsLiteral, literalUnpacker } from './mail/literals.ts'
import { mailUnpacker } from './mail/mail.ts'
import { pkcs7Unpacker } from './mail/pkcs7.ts'
import {
  binhexUnpacker,
  holdsBinhex,
  holdsPage,
  pageUnpacker,
  tnefUnpacker,
  uuUnpacker,
} from './mail/text-containers.ts'
import { holdsUuFile } from './mail/transfer-encodings.ts'
import { rawDiscUnpacker } from './raw-disc.ts'
import { createSevenZipUnpacker } from './seven-zip.ts'
import { tarUnpacker } from './tar.ts'
import type { Unpacker } from './unpacker.ts'
import { createZipUnpacker } from './zip.ts'

/** One way into a content. */
export interface Opening {
  readonly unpacker: Unpacker
  readonly format: Format
  readonly bytes: Buffer
  /** True: it only looks like a container there; that nothing comes out is no damage. */
  readonly guessed: boolean
  /** It may be one of the members once more: contents that were seen already are not looked at again. */
  readonly isCarried?: true
  /** What lies behind it is opened as what the content around it carries. */
  readonly isBehindSeen?: boolean | undefined
}

export interface Unpackers {
  /** All ways into this content; none for what is no container. */
  openings(bytes: Buffer, format: Format): Opening[]
}

export function createUnpackers(): Unpackers {
  const sevenZip = createSevenZipUnpacker()
  const zip = createZipUnpacker(sevenZip)
  const inText = [mailUnpacker, uuUnpacker, binhexUnpacker, pageUnpacker, tnefUnpacker, pkcs7Unpacker]
  const inDocuments = [oleObjectsUnpacker, pdfUnpacker, rtfUnpacker, activeMimeUnpacker, oneNoteUnpacker, sisUnpacker]
  const all = [
    zip,
    tarUnpacker,
    gzipUnpacker,
    lz4Unpacker,
    asarUnpacker,
    rawDiscUnpacker,
    sevenZip,
    ...inText,
    ...inDocuments,
  ]
  return {
    openings: (bytes, format) => {
      const found = openingsOf(format, bytes, false)
      // A message may hold one in pieces; what lies behind it is for its own unpacker.
      const isOther = !zipFormats.has(format) && format !== 'pkcs7' && bytes.length > 22
      const zipEnd = isOther ? findEndRecord(sourceOfBuffer(bytes)) : null
      // What is nothing else is one by its directory, also where nothing that this names can be found.
      const guessed = found.length > 0 || zipEnd?.entries === 0
      if (zipEnd !== null) found.push({ unpacker: zip, format: 'zip', bytes, guessed })
      const image = hiddenImage(bytes, format)
      if (image !== null) found.push(...openingsOf(image, bytes, true))
      return [...found, ...inWords(bytes, format), ...carriedOpenings(bytes, format)]
    },
  }

  /** What texts hold far from their beginning. */
  function inWords(bytes: Buffer, format: Format): Opening[] {
    if (!inTexts.has(format)) return []
    const page = format !== 'html' && holdsPage(bytes) ? openingsOf('html', bytes, true) : []
    const holdsUu = format !== 'uuencode' && holdsUuFile(withLineFeeds(bytes))
    const binhex = format === 'text' && holdsBinhex(bytes) ? openingsOf('binhex', bytes, true) : []
    const literals: Opening[] = holdsLiteral(bytes) ? [{ unpacker: literalUnpacker, format, bytes, guessed: true }] : []
    return [...page, ...binhex, ...(holdsUu ? openingsOf('uuencode', bytes, true) : []), ...literals]
  }

  function carriedOpenings(bytes: Buffer, carrier: Format): Opening[] {
    const { carried, isCut } = findCarried(bytes, carrier)
    const pdf = hiddenPdf(bytes, carrier)
    const all = pdf === null || carried.some(({ format }) => format === 'pdf') ? carried : [pdf, ...carried]
    const openings = all.flatMap((one) => openingsOfCarried(one, bytes.subarray(one.at, one.end)))
    return isCut
      ? [...openings, { unpacker: tooMany, format: carrier, bytes, guessed: false, isCarried: true }]
      : openings
  }

  function openingsOfCarried({ format, isCertain, isWhole, isBehindSeen }: Carried, bytes: Buffer): Opening[] {
    if (isWhole) return [{ unpacker: asItIs, format, bytes, guessed: true, isCarried: true }]
    return openingsOf(format, bytes, !isCertain).map((opening) => ({ ...opening, isCarried: true, isBehindSeen }))
  }

  function openingsOf(format: Format, bytes: Buffer, guessed: boolean): Opening[] {
    const fitting = all.filter(({ formats }) => formats.has(format))
    return fitting.map((unpacker): Opening => ({ unpacker, format, bytes, guessed }))
  }
}

/** Mails look for what is in their words themselves. */
const inTexts: ReadonlySet<Format> = new Set<Format>(['text', 'script', 'html', 'uuencode'])

/** A carried program or document is a content of its own. */
const asItIs: Unpacker = {
  formats: new Set(),
  unpack: async function* ({ bytes, format }) {
    yield { kind: 'content', name: Buffer.from(`carried.${format}`), bytes }
  },
}

/** Nobody looked whether there are more. */
const tooMany: Unpacker = {
  formats: new Set(),
  unpack: async function* () {
    yield { kind: 'problem', reason: 'member-count' }
  },
}

/**
 * True for what has members, by its format or by what is hidden in it. For contents that are not in memory.
 * `start`: the first 64 KB.
 */
export function isContainer(content: LargeContent, unpackers: Unpackers): boolean {
  const { source, start, format } = content
  if (unpackers.openings(Buffer.alloc(0), format).length > 0) return true
  // An image of a disk may say so only at its end.
  if (hiddenImage(start, format) !== null || (format === 'data' && diskImage(source) !== null)) return true
  return carriesSomething(source, format)
}

export interface LargeContent {
  readonly source: ByteSource
  readonly start: Buffer
  readonly format: Format
}
