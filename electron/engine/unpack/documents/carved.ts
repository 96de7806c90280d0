// Opens formats whose members are found by a mark rather than by a table: notes of OneNote, installers of Symbian.
// Sources: [MS-ONESTORE] 2.6.13; the zlib header of RFC 1950.
import type { Format } from '../../identify/identify.ts'
import { inflate } from '../inflate.ts'
import type { Unpacker } from '../unpacker.ts'

const noteFormats: ReadonlySet<Format> = new Set<Format>(['onenote'])
const sisFormats: ReadonlySet<Format> = new Set<Format>(['sis'])
/** {BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}: a file that was put into a note. Its length follows, then 12 bytes, then it. */
const fileMark = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex')
const zlibMarks = ['789c', '78da', '7801', '785e'].map((hex) => Buffer.from(hex, 'hex'))
const mostTries = 2000

export const oneNoteUnpacker: Unpacker = {
  formats: noteFormats,
  unpack: async function* ({ bytes }) {
    let index = 0
    for (let at = bytes.indexOf(fileMark); at !== -1; at = bytes.indexOf(fileMark, at + 16)) {
      if (at + 36 > bytes.length) return yield { kind: 'problem', reason: 'truncated' }
      index += 1
      const size = Number(bytes.readBigUInt64LE(at + 16))
      const name = Buffer.from(`file-${index}`)
      const content = bytes.subarray(at + 36, at + 36 + Math.min(size, bytes.length))
      if (content.length < size) yield { kind: 'content', name, bytes: content, problem: 'truncated' }
      else yield { kind: 'content', name, bytes: content }
    }
  },
}

export const sisUnpacker: Unpacker = {
  formats: sisFormats,
  unpack: async function* ({ bytes, budget }) {
    const places = zlibMarks.flatMap((mark) => placesOf(bytes, mark)).sort((a, b) => a - b)
    let index = 0
    for (const at of places.slice(0, mostTries)) {
      if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
      const { bytes: content, problem } = await inflate(bytes.subarray(at), 'zlib', budget)
      if (content.length < 8) continue
      index += 1
      const member = { kind: 'content', name: Buffer.from(`file-${index}`), bytes: content } as const
      // What is damaged was no file but a mark by chance; what met a bound was one.
      yield problem === undefined || problem === 'corrupt' || problem === 'truncated' ? member : { ...member, problem }
    }
    if (places.length > mostTries) yield { kind: 'problem', reason: 'member-count' }
  },
}

function placesOf(bytes: Buffer, mark: Buffer): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(mark); at !== -1 && places.length <= mostTries; at = bytes.indexOf(mark, at + 1)) {
    places.push(at)
  }
  return places
}
