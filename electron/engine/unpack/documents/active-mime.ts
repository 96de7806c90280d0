// Opens ActiveMime, in which Office keeps the macros of documents that are saved as pages or as one XML file.
// Source: the observed layout: a header, then one stream of zlib. Never reads what comes out.
import type { Format } from '../../identify/identify.ts'
import { inflate } from '../inflate.ts'
import type { Unpacker } from '../unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['activemime'])
const headerLengthAt = 0x1e
const usualPlaces = [0x32, 0x22a]
/** Where it may begin when its header says nothing of use. */
const searchedBytes = 1024

export const activeMimeUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    for (const at of new Set([...usualPlaces, ...otherPlaces(bytes)])) {
      if (!isZlib(bytes, at)) continue
      const { bytes: made, problem } = await inflate(bytes.subarray(at), 'zlib', budget)
      if (made.length === 0) continue
      const member = { kind: 'content', name: Buffer.from('macros'), bytes: made } as const
      return yield problem === undefined ? member : { ...member, problem }
    }
    yield { kind: 'problem', reason: bytes.length < searchedBytes ? 'truncated' : 'corrupt' }
  },
}

function* otherPlaces(bytes: Buffer): Generator<number> {
  if (bytes.length > headerLengthAt + 2) yield bytes.readUInt16LE(headerLengthAt) + 46
  for (let at = 12; at < Math.min(bytes.length, searchedBytes); at += 1) yield at
}

/** Method and window fit, and the sum over both. */
function isZlib(bytes: Buffer, at: number): boolean {
  const [method = 0, flags = 0] = [bytes[at], bytes[at + 1]]
  return (method & 0x8f) === 8 && at + 2 < bytes.length && ((method << 8) | flags) % 31 === 0
}
