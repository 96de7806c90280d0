// Finds what a content carries inside or behind its own: archives behind programs, scripts, pictures and documents, programs
// and documents behind anything. Goes through the bytes once for all kinds; whether one really begins where its mark stands
// is for carried-checks.ts. Never opens anything.
import { type ByteSource, sourceOfBuffer } from '../files/byte-source.ts'
import { limitTable } from '../limits/limits.ts'
import { directorylessZip, type Kind, kinds } from './carried-kinds.ts'
import { carryingParts, type Stretch } from './carrying-parts.ts'
import type { Format } from './identify.ts'
import { findEndRecord } from './zip-end.ts'

export interface Carried {
  readonly format: Format
  readonly at: number
  /** Where it ends by its own words; else where the content does. */
  readonly end: number
  /** False: it may be something else after all, and that nothing comes out is no damage. */
  readonly isCertain: boolean
  /** A content of its own rather than an archive of the content around it. */
  readonly isWhole: boolean
  /** What lies behind it is in the same list: nobody has to search there once more. */
  readonly isBehindSeen: boolean
}

export interface CarriedList {
  readonly carried: readonly Carried[]
  /** There may be more than were looked at. */
  readonly isCut: boolean
}

const mostCarried = limitTable.carriedContents.value
const mostMarks = limitTable.carriedMarks.value
/** In much data there are more of them by chance. */
const bytesForMark = 256
/** More than any check looks at behind a mark, or has before it. */
const pieceOverlap = 256 * 1024
const pieceBytes = 4 * 1024 * 1024

/** What a content of this format carries, in the order of the content. */
export function findCarried(bytes: Buffer, carrier: Format): CarriedList {
  const parts = carryingParts(bytes, carrier)
  return parts.length === 0 ? nothing : carriedIn(bytes, parts)
}

/** The same for bytes that belong to nothing: whatever begins in them, from the first one on. */
export function findLoose(bytes: Buffer): CarriedList {
  return carriedIn(bytes, [{ start: 0, end: bytes.length }])
}

/** A document that begins within the first kilobyte of something else, where its readers look for it. */
export function hiddenPdf(bytes: Buffer, format: Format): Carried | null {
  if (format === 'pdf') return null
  const at = bytes.subarray(0, pdfBegin).indexOf('%PDF-')
  const pdf = at < 1 ? undefined : kinds.find((kind) => kind.format === 'pdf')
  if (pdf === undefined || !pdf.isPlausible(bytes, at, bytes.length)) return null
  return { format: 'pdf', at, end: bytes.length, isCertain: false, isWhole: true, isBehindSeen: false }
}

const pdfBegin = 1024

/**
 * True when something is carried, also when nobody can see whether it is. For contents that are not in memory: of what is not
 * there any more only the ends are searched.
 */
export function carriesSomething(source: ByteSource, carrier: Format): boolean {
  return carryingParts(source, carrier).some(({ start, end }) => {
    const last = Math.min(end, limitTable.objectBytes.value)
    for (let at = start; at < last; at += pieceBytes) {
      const bytes = source.read(at, Math.min(pieceBytes + pieceOverlap, end - at))
      if (bytes.length === 0)
        return at === start ? mustBeSeen.has(carrier) : holds(source.read(source.size - pieceOverlap, pieceOverlap))
      if (holds(bytes)) return true
    }
    return false
  })

  function holds(bytes: Buffer): boolean {
    return carriedIn(bytes, [{ start: 0, end: bytes.length }], source.size).carried.length > 0
  }
}

/** What carries so often that a part which cannot be seen counts as one that does. */
const mustBeSeen: ReadonlySet<Format> = new Set<Format>(['pe', 'elf', 'script'])

const nothing: CarriedList = { carried: [], isCut: false }

/** First two bytes of a mark to the kinds that have it. */
const byPair: readonly (readonly Kind[])[] = kindsByPair([...kinds, directorylessZip])
const isPair = new Uint8Array(65_536)
for (const [pair, found] of byPair.entries()) if (found.length > 0) isPair[pair] = 1

function kindsByPair(all: readonly Kind[]): Kind[][] {
  const table: Kind[][] = Array.from({ length: 65_536 }, () => [])
  for (const kind of all) table[kind.mark.readUInt16BE(0)]?.push(kind)
  return table
}

function carriedIn(bytes: Buffer, parts: readonly Stretch[], size = bytes.length): CarriedList {
  const search = new Search(bytes, size)
  for (const part of parts) search.through(part)
  return search.result()
}

/** One for one content. */
class Search {
  private readonly bytes: Buffer
  private readonly size: number
  private readonly found: { kind: Kind; carried: Omit<Carried, 'isBehindSeen'>; partEnd: number }[] = []
  private readonly marks = new Map<Kind, number>()
  private isCut = false
  /** One of a kind of which the first is enough was passed over. */
  private hasPassed = false
  private hasDirectory: boolean | undefined

  constructor(bytes: Buffer, size: number) {
    this.bytes = bytes
    this.size = size
  }

  /** By index and with numbers only: this runs over every byte of pictures and of what nobody knows. */
  through({ start, end }: Stretch): void {
    const { bytes } = this
    let before = bytes[start] ?? 0
    for (let at = start + 1; at < end && !this.isCut; at += 1) {
      const byte = bytes[at] ?? 0
      if (isPair[(before << 8) | byte] === 1) {
        const next = this.lookAt(at - 1, { start, end })
        if (next > at) at = next
      }
      before = bytes[at] ?? 0
    }
  }

  result(): CarriedList {
    const last = this.found.at(-1)
    const end = this.bytes.length
    const carried = this.found.map((one) => {
      const isSearched = !this.hasPassed && one.partEnd === end
      // Behind the last one of a search that was cut short nobody has looked.
      return { ...one.carried, isBehindSeen: isSearched && !(this.isCut && one === last) }
    })
    // The last program of all may have something behind its sections that belongs to it.
    if (last?.kind.isWhole && last.partEnd === end && last.carried.end < end)
      carried.push({ ...last.carried, end, isBehindSeen: false })
    return { carried, isCut: this.isCut }
  }

  /** Where to go on when one that knows its end begins here; else the same place. */
  private lookAt(place: number, { start, end }: Stretch): number {
    const { bytes, size } = this
    for (const kind of byPair[bytes.readUInt16BE(place)] ?? []) {
      const at = place - kind.lead
      if (at < start || !this.isMark(kind, place) || !kind.isPlausible(bytes, at, size)) continue
      const own = kind.endOf?.(bytes, at) ?? bytes.length
      const { format, isCertain, isWhole } = kind
      const carried = { format, at, end: Math.min(bytes.length, own), isCertain, isWhole }
      this.found.push({ kind, carried, partEnd: end })
      if (this.found.length > mostCarried) {
        this.found.pop()
        this.isCut = true
      }
      // What only says that it goes on so far must not hide what lies there.
      return isCertain && kind.endOf !== undefined ? Math.max(place, Math.min(own, bytes.length) - 1) : place
    }
    return place
  }

  /** Also counts it: so many of one kind that are none are there to take time. */
  private isMark(kind: Kind, place: number): boolean {
    const { bytes } = this
    const { mark, once, isCheap } = kind
    if (bytes.compare(mark, 0, mark.length, place, Math.min(bytes.length, place + mark.length)) !== 0) return false
    if (once && this.found.some((other) => other.kind === kind)) {
      this.hasPassed = true
      return false
    }
    if (kind === directorylessZip && this.hasZipDirectory()) return false
    const marks = (this.marks.get(kind) ?? 0) + 1
    this.marks.set(kind, marks)
    if (!isCheap && marks > mostMarks + bytes.length / bytesForMark) this.isCut = true
    return !this.isCut
  }

  /** With one, the whole is opened as a ZIP anyway. */
  private hasZipDirectory(): boolean {
    this.hasDirectory ??= findEndRecord(sourceOfBuffer(this.bytes)) !== null
    return this.hasDirectory
  }
}
