// Takes compiled rules apart into named pieces of bytes, and puts them together again, for the file that keeps them.
// Never reads or writes a file.
import type { CompiledForms } from '../detect/pattern-engine.ts'
import type { SplitForms } from '../detect/split-forms.ts'
import type { TriggerTable } from '../detect/trigger-table.ts'

export interface Part {
  readonly name: string
  readonly bytes: Uint8Array
}

export type Shared = Uint8Array<SharedArrayBuffer>

const compiledParts = ['complete', 'untriggered', 'lone'] as const satisfies readonly (keyof SplitForms)[]
const tableInts = [
  ...(['bits', 'xorBits', 'heads', 'next', 'hashes', 'literal', 'place', 'from', 'rulesFrom', 'rules'] as const),
] satisfies readonly (keyof TriggerTable)[]
const tableBytes = ['bytes', 'known', 'as'] as const satisfies readonly (keyof TriggerTable)[]

/** A copy that every thread can use. */
export function shared(bytes: Uint8Array): Shared {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

export function partsOf({ all, split }: CompiledForms): Part[] {
  if (split === null) return [{ name: 'all', bytes: all }]
  const { table } = split
  return [
    { name: 'all', bytes: all },
    ...compiledParts.map((name) => ({ name, bytes: split[name] })),
    ...tableInts.map((name) => ({ name: `table.${name}`, bytes: bytesOf(table[name]) })),
    ...tableBytes.map((name) => ({ name: `table.${name}`, bytes: table[name] })),
  ]
}

/** Throws when one is missing. */
export function formsOf(parts: ReadonlyMap<string, Shared>): CompiledForms {
  const all = part(parts, 'all')
  if (parts.size === 1) return { all, split: null }
  const ints = (name: string) => new Int32Array(part(parts, `table.${name}`).buffer)
  const bytes = (name: string) => part(parts, `table.${name}`)
  const table: TriggerTable = {
    bits: ints('bits'),
    xorBits: ints('xorBits'),
    heads: ints('heads'),
    next: ints('next'),
    hashes: ints('hashes'),
    literal: ints('literal'),
    place: ints('place'),
    from: ints('from'),
    bytes: bytes('bytes'),
    known: bytes('known'),
    as: bytes('as'),
    rulesFrom: ints('rulesFrom'),
    rules: ints('rules'),
  }
  const [complete, untriggered] = [part(parts, 'complete'), part(parts, 'untriggered')]
  return { all, split: { complete, untriggered, lone: part(parts, 'lone'), table } }
}

function part(parts: ReadonlyMap<string, Shared>, name: string): Shared {
  const bytes = parts.get(name)
  if (bytes === undefined) throw new Error(`no ${name}`)
  return bytes
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
