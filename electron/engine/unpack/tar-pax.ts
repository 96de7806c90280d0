// Reads the records that pax puts before a member of a tar: what it is called, how much of it there is, where its holes are.
// Never decides what becomes of the member.

/** What stands before a member and holds for it. */
export interface Overrides {
  readonly name?: Buffer
  readonly size?: number
  readonly holes?: PaxHoles
}

/** A file with holes, in one of the three ways in which pax has told of them: 0.0, 0.1 and 1.0. */
export interface PaxHoles {
  readonly size: number
  /** Place and length of each piece, one after the other; null: they stand before the pieces themselves. */
  readonly map: readonly number[] | null
}

/** Records `LENGTH key=value\n`. */
export function readPax(content: Buffer): Overrides {
  const records = new Map<string, Buffer>()
  const map: number[] = []
  for (const [key, value] of recordsOf(content)) {
    records.set(key, value)
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') map.push(numberIn(value) ?? Number.NaN)
  }
  const name = [records.get('GNU.sparse.name'), records.get('path')].find((one) => one !== undefined && one.length > 0)
  const size = numberIn(records.get('size'))
  const holes = holesOf(records, map)
  return { ...(name && { name }), ...(size !== undefined && { size }), ...(holes && { holes }) }
}

function* recordsOf(content: Buffer): Generator<[key: string, value: Buffer]> {
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', at, at + 20), 10)
    const blank = content.subarray(at, at + 20).indexOf(0x20)
    if (!(length > 0) || blank === -1) return
    const record = content.subarray(at + blank + 1, at + length - 1)
    const equals = record.indexOf('=')
    yield [record.toString('latin1', 0, Math.max(0, equals)), record.subarray(equals + 1)]
    at += length
  }
}

function holesOf(records: ReadonlyMap<string, Buffer>, pairs: readonly number[]): PaxHoles | undefined {
  const size = numberIn(records.get('GNU.sparse.realsize') ?? records.get('GNU.sparse.size'))
  if (size === undefined) return undefined
  if (records.has('GNU.sparse.major')) return { size, map: null }
  const list = records.get('GNU.sparse.map')
  if (list === undefined) return { size, map: pairs }
  return { size, map: list.length === 0 ? [] : list.toString('latin1').split(',').map(Number) }
}

function numberIn(value: Buffer | undefined): number | undefined {
  const text = value?.toString('latin1', 0, 16) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
