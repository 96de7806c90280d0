// Opens what documents of the old Office formats wrap once more inside of their streams: source of macros, attached files,
// objects of presentations. The streams themselves are opened by 7-Zip. Never follows a link from inside.

import type { Format } from '../../identify/identify.ts'
import { type OleFile, type OleStream, readOle } from '../../identify/ole.ts'
import type { Budget } from '../budget.ts'
import { inflate } from '../inflate.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { packagedFile } from './packaged-file.ts'
import { moduleSources } from './vba-source.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['ole'])
const [nativeStream, presentation] = ['\u0001OLE10NATIVE', 'POWERPOINT DOCUMENT']
/** Record of a presentation that holds an embedded object; its instance says whether it is compressed. */
const objectRecord = 0x1011

export const oleObjectsUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    const ole = readOle(bytes)
    if (ole === null) return
    const sources: Buffer[] = []
    let kept = 0
    for (const stream of ole.streams.slice(0, budget.limits.members)) {
      // Many streams may be made of the same sectors, each as long as the document.
      if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
      const content = contentOf(ole, stream, budget)
      for (const source of moduleSources(content, budget)) {
        kept += source.length
        if (kept <= budget.limits.scriptBytes) sources.push(source)
        yield { kind: 'content', name: Buffer.from(`VBA/${shownName(stream.name)}.bas`), bytes: source }
      }
      if (stream.name === nativeStream) yield* attached(content)
      if (stream.name === presentation) yield* objectsOf(content, budget)
    }
    // What one module starts another one carries out.
    if (sources.length > 1)
      yield { kind: 'content', name: Buffer.from('VBA/project.bas'), bytes: joined(sources, budget) }
    if (kept > budget.limits.scriptBytes) yield { kind: 'problem', reason: 'too-big' }
    if (budget.isOverTime()) yield { kind: 'problem', reason: 'time-limit' }
  },
}

function contentOf(ole: OleFile, stream: OleStream, budget: Budget): Buffer {
  return ole.head(stream, Math.min(stream.size, budget.room()))
}

function joined(sources: readonly Buffer[], budget: Budget): Buffer {
  return Buffer.concat(sources.flatMap((source) => [source, Buffer.from('\n')])).subarray(0, budget.room())
}

function* attached(content: Buffer): Generator<Member> {
  const file = content.length < 4 ? null : packagedFile(content.subarray(4))
  if (file === null) return
  const member = { kind: 'content', name: file.name, bytes: file.bytes } as const
  yield file.isCut ? { ...member, problem: 'truncated' } : member
}

async function* objectsOf(content: Buffer, budget: Budget): AsyncGenerator<Member> {
  let index = 0
  for (let at = 0; at + 12 <= content.length && index < budget.limits.members; ) {
    const instance = content.readUInt16LE(at) >> 4
    const version = content.readUInt16LE(at) & 0xf
    const length = content.readUInt32LE(at + 4)
    if (content.readUInt16LE(at + 2) === objectRecord) {
      index += 1
      const name = Buffer.from(`object-${index}`)
      const body = content.subarray(at + 8, at + 8 + length)
      if (instance === 0) yield { kind: 'content', name, bytes: body }
      else {
        const { bytes, problem } = await inflate(body.subarray(4), 'zlib', budget, statedSize(body))
        yield problem === undefined ? { kind: 'content', name, bytes } : { kind: 'content', name, bytes, problem }
      }
    }
    // A container holds records: they are walked through one by one.
    at += 8 + (version === 0xf ? 0 : length)
  }
}

function statedSize(body: Buffer): number {
  return body.length < 4 ? 0 : body.readUInt32LE(0)
}

function shownName(name: string): string {
  return name.replaceAll('/', '_')
}
