// Opens gzip streams. The member is called as the header says, else like the container without its ending.
import type { Format } from '../identify/identify.ts'
import { membersBehind } from './behind.ts'
import { inflate } from './inflate.ts'
import type { Unpacker } from './unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['gz'])

export const gzipUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, name, budget, isBehindSeen }) {
    const { bytes: content, problem, used = bytes.length } = await inflate(bytes, 'gzip', budget, statedSize(bytes))
    const member = gzipMemberName(bytes, name)
    const giveBack = budget.hold(content.length)
    try {
      yield problem === undefined
        ? { kind: 'content', name: member, bytes: content }
        : { kind: 'content', name: member, bytes: content, problem }
    } finally {
      giveBack()
    }
    if (problem === undefined) yield* membersBehind(bytes.subarray(used), { isBehindSeen })
  },
}

/** From the start of the stream, and the name of what holds it. */
export function gzipMemberName(start: Buffer, container: Buffer): Buffer {
  return storedName(start) ?? nameWithoutEnding(container)
}

/** Name of the one member of a compressed file: the container's without its last ending. */
export function nameWithoutEnding(name: Buffer): Buffer {
  const base = name.subarray(name.lastIndexOf('/') + 1)
  const text = base.toString('latin1')
  if (/\.(tgz|tbz2?|txz|tzst)$/i.test(text))
    return Buffer.concat([base.subarray(0, base.lastIndexOf('.')), Buffer.from('.tar')])
  const dot = base.lastIndexOf('.')
  return dot > 0 ? base.subarray(0, dot) : Buffer.from('content')
}

function statedSize(bytes: Buffer): number {
  return bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4)
}

function storedName(bytes: Buffer): Buffer | null {
  const flags = bytes[3] ?? 0
  if ((flags & 8) === 0) return null
  const start = 10 + ((flags & 4) !== 0 && bytes.length > 12 ? 2 + bytes.readUInt16LE(10) : 0)
  const end = bytes.indexOf(0, start)
  return end <= start || end - start > 4096 ? null : bytes.subarray(start, end)
}
