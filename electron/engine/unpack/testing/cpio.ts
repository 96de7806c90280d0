// Makes cpio archives of every kind: numbers as text in hexadecimal (with and without sums) or octal, or as 16-bit words of
// either byte order. Several members may have one name. Used by tests only.

export const cpioKinds = ['newc', 'crc', 'odc', 'binary, low byte first', 'binary, high byte first'] as const
export type CpioKind = (typeof cpioKinds)[number]

export interface CpioMember {
  readonly name: string
  readonly data: Buffer
}

const regularFile = 0o100644

export function makeCpio(members: readonly CpioMember[], kind: CpioKind = 'newc'): Buffer {
  const entry = entries[kind]
  const files = members.map((member, index) => ({ ...member, mode: regularFile, inode: index + 1 }))
  return Buffer.concat([...files, endMark].map(entry))
}

/** Members with one inode would be names of one file. */
interface Entry extends CpioMember {
  readonly mode: number
  readonly inode: number
}

const endMark: Entry = { name: 'TRAILER!!!', data: Buffer.alloc(0), mode: 0, inode: 0 }

const entries: Readonly<Record<CpioKind, (entry: Entry) => Buffer>> = {
  newc: (entry) => hexadecimal('070701', entry, 0),
  crc: (entry) =>
    hexadecimal(
      '070702',
      entry,
      entry.data.reduce((sum, byte) => sum + byte, 0),
    ),
  odc: octal,
  'binary, low byte first': (entry) => words(entry, (bytes, value, at) => bytes.writeUInt16LE(value, at)),
  'binary, high byte first': (entry) => words(entry, (bytes, value, at) => bytes.writeUInt16BE(value, at)),
}

function hexadecimal(mark: string, { name, data, mode, inode }: Entry, sum: number): Buffer {
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, sum]
  const numbers = fields.map((field) => field.toString(16).padStart(8, '0')).join('')
  return Buffer.concat([filled(Buffer.from(`${mark}${numbers}${name}\0`), 4), filled(data, 4)])
}

function octal({ name, data, mode, inode }: Entry): Buffer {
  const number = (value: number, width: number): string => value.toString(8).padStart(width, '0')
  const first = [0, inode, mode, 0, 0, 1, 0].map((value) => number(value, 6)).join('')
  const rest = `${number(0, 11)}${number(name.length + 1, 6)}${number(data.length, 11)}`
  return Buffer.concat([Buffer.from(`070707${first}${rest}${name}\0`), data])
}

/** Numbers of 32 bits have their high half first, whatever the order of bytes. */
function words({ name, data, mode, inode }: Entry, write: (bytes: Buffer, value: number, at: number) => void): Buffer {
  const halves = (value: number): number[] => [value >>> 16, value & 0xffff]
  const fields = [0o070707, 0, inode, mode, 0, 0, 1, 0, ...halves(0), name.length + 1, ...halves(data.length)]
  const header = Buffer.alloc(fields.length * 2)
  for (const [index, field] of fields.entries()) write(header, field, index * 2)
  return Buffer.concat([header, filled(Buffer.from(`${name}\0`), 2), filled(data, 2)])
}

/** With zeros up to a multiple of `size`. */
function filled(data: Buffer, size: number): Buffer {
  return Buffer.concat([data, Buffer.alloc((size - (data.length % size)) % size)])
}
