// Numbers that look random and are the same for the same seed, on every machine.
// Never used for anything that must not be guessed.
import { createHash } from 'node:crypto'

export interface Random {
  /** A whole number from 0 on, below `limit` (at least 1). */
  below(limit: number): number
  /** True once in `times` on average. */
  oneIn(times: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  bytes(length: number): Buffer
}

/** The generator xoshiro128**; its state is a digest of the seed's parts. */
export function createRandom(...seed: readonly (string | number)[]): Random {
  const digest = createHash('sha256').update(seed.join('\0')).digest()
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number]
  const next = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return result
  }
  const below = (limit: number): number => next() % Math.max(1, limit)
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (list) => {
      if (list.length === 0) throw new Error('nothing to pick from')
      return list[below(list.length)] as (typeof list)[number]
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
