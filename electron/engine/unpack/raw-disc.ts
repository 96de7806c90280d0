// Opens copies of discs that hold whole sectors, with their marks and sums: what is in the sectors is an image of a disc.
// Never corrects what a sum says is wrong.
import type { Format } from '../identify/identify.ts'
import { rawSector } from '../identify/more-heads.ts'
import { nameWithoutEnding } from './gzip.ts'
import type { Unpacker } from './unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['rawdisc'])
const dataBytes = 2048
/** Where the data begins, by the kind of the sector. */
const dataAt: Readonly<Record<number, number>> = { 1: 16, 2: 24 }

export const rawDiscUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, name, budget }) {
    const sectors = Math.ceil(bytes.length / rawSector)
    const most = Math.min(sectors, Math.floor(budget.room() / dataBytes))
    const image = Buffer.alloc(most * dataBytes)
    for (let sector = 0; sector < most; sector += 1) {
      const at = sector * rawSector
      const from = at + (dataAt[bytes[at + 15] ?? 1] ?? 16)
      bytes.copy(image, sector * dataBytes, from, from + dataBytes)
    }
    const giveBack = budget.hold(image.length)
    try {
      const member = { kind: 'content', name: nameWithoutEnding(name), bytes: image } as const
      if (most < sectors) yield { ...member, problem: 'too-big' }
      else yield bytes.length % rawSector === 0 ? member : { ...member, problem: 'truncated' }
    } finally {
      giveBack()
    }
  },
}
