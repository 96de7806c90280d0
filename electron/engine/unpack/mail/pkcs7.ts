// Opens messages of PKCS #7 (CMS) that anybody can read: what is signed, and what is compressed.
// Source: RFC 5652 5.1, RFC 3274, X.690 (BER). Never checks a signature.
import type { Format } from '../../identify/identify.ts'
import { pkcs7Bytes, pkcs7Kind } from '../../identify/pkcs7-head.ts'
import { membersBehind } from '../behind.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { inflate } from '../inflate.ts'
import type { Member, Unpacker } from '../unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['pkcs7'])
const name = Buffer.from('message')
const [integer, objectId, sequence, set, explicit] = [0x02, 0x06, 0x30, 0x31, 0xa0]
const [octets, octetPieces] = [0x04, 0x24]

export const pkcs7Unpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    const message = pkcs7Bytes(bytes)
    const kind = pkcs7Kind(message)
    const at =
      kind === 'signed' || kind === 'compressed' ? contentAt(message, kind === 'signed' ? set : sequence) : null
    if (at === 'cut') return yield { kind: 'problem', reason: 'truncated' }
    // Locked, signatures without what they sign, and lists that only programs read.
    if (at === null) return yield* membersBehind(message)
    const { content, isCut, end } = octetsAt(message, at)
    const cut: Problem = isCut ? { problem: 'truncated' } : {}
    if (kind === 'compressed') {
      const { bytes: made, problem } = await inflate(content, 'zlib', budget)
      yield { kind: 'content', name, bytes: made, ...(problem === undefined ? cut : { problem }) }
    } else if (content.length > 0 || isCut) yield { kind: 'content', name, bytes: content, ...cut }
    yield* membersBehind(message.subarray(end))
  },
}

type Problem = Pick<Extract<Member, { readonly kind: 'content' }>, 'problem'>

/** Where the octets of the content begin: `{ type, [0] { { version, algorithms, { type, [0] octets } } } }`. */
function contentAt(bytes: Buffer, algorithms: number): number | 'cut' | null {
  const way = [
    ['in', sequence],
    ['over', objectId],
    ['in', explicit],
    ['in', sequence],
    ['over', integer],
  ] as const
  const inside = [
    ['over', algorithms],
    ['in', sequence],
    ['over', objectId],
    ['in', explicit],
  ] as const
  let [at, end] = [0, Number.POSITIVE_INFINITY]
  for (const [step, tag] of [...way, ...inside]) {
    if (at >= end) return null
    const element = elementAt(bytes, at)
    if (element === null) return 'cut'
    if (element.tag !== tag) return null
    if (step === 'in' && !element.isOpen) end = element.bodyAt + element.length
    at = step === 'in' ? element.bodyAt : endOf(bytes, element)
  }
  const tag = elementAt(bytes, at)?.tag
  return tag === octets || tag === octetPieces ? at : null
}

interface Octets {
  readonly content: Buffer
  /** Where they end. */
  readonly end: number
  readonly isCut: boolean
}

/** They come in one piece or in many, which may lie in each other. */
function octetsAt(bytes: Buffer, from: number): Octets {
  const content = new GrowingBytes(bytes.length)
  const whole = elementAt(bytes, from)
  const stated = whole === null || whole.isOpen ? Number.POSITIVE_INFINITY : whole.bodyAt + whole.length
  let [at, open] = [from, 0]
  do {
    const element = elementAt(bytes, at)
    if (element === null) return { content: content.take(), end: bytes.length, isCut: true }
    const { tag, bodyAt, length, isOpen } = element
    if (tag === octets) content.append(bytes.subarray(bodyAt, bodyAt + length))
    else if (tag === octetPieces) open += isOpen ? 1 : 0
    else if (tag === 0) open -= 1
    else break
    at = tag === octets ? bodyAt + length : bodyAt
  } while (at < stated && (open > 0 || stated !== Number.POSITIVE_INFINITY))
  return { content: content.take(), end: at, isCut: at > bytes.length || open > 0 }
}

interface Element {
  readonly tag: number
  readonly bodyAt: number
  /** 0 where it is open. */
  readonly length: number
  /** It ends where two zeros stand. */
  readonly isOpen: boolean
}

/** Null where the bytes end; no tag that is looked for here has more than one byte. */
function elementAt(bytes: Buffer, at: number): Element | null {
  if (at + 2 > bytes.length) return null
  const [tag = 0, first = 0] = [bytes[at], bytes[at + 1]]
  if (first < 0x80) return { tag, bodyAt: at + 2, length: first, isOpen: false }
  if (first === 0x80) return { tag, bodyAt: at + 2, length: 0, isOpen: true }
  const width = first & 0x7f
  if (width > 6 || at + 2 + width > bytes.length) return null
  return { tag, bodyAt: at + 2 + width, length: bytes.readUIntBE(at + 2, width), isOpen: false }
}

/** Behind it; of an open one behind the zeros that end it and everything open in it. */
function endOf(bytes: Buffer, { bodyAt, length, isOpen }: Element): number {
  if (!isOpen) return bodyAt + length
  let at = bodyAt
  for (let open = 1; open > 0; ) {
    const element = elementAt(bytes, at)
    if (element === null) return bytes.length
    if (element.isOpen) open += 1
    else if (element.tag === 0) open -= 1
    at = element.bodyAt + element.length
  }
  return at
}
