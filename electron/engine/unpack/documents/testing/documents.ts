// Makes documents that carry a file, and the wrappers and filters around it. Used by tests only.
import { deflateSync } from 'node:zlib'

/** Little-endian. */
export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** The wrapper of a file that was put into a document. */
export function packaged(name: string, data: Buffer): Buffer {
  const path = Buffer.from(`C:\\${name}\0`)
  return Buffer.concat([
    Buffer.from([2, 0]),
    Buffer.from(`${name}\0`),
    path,
    Buffer.from([0, 0, 3, 0]),
    uint32(path.length),
    path,
    uint32(data.length),
    data,
  ])
}

/** OLE 1 data of a class. */
export function ole1(kind: string, data: Buffer): Buffer {
  const name = Buffer.from(`${kind}\0`)
  return Buffer.concat([
    uint32(0x501),
    uint32(2),
    uint32(name.length),
    name,
    uint32(0),
    uint32(0),
    uint32(data.length),
    data,
  ])
}

/** A PDF of these objects. */
export function pdf(...objects: (Buffer | string)[]): Buffer {
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    ...objects.map((object) => (typeof object === 'string' ? Buffer.from(object) : object)),
    Buffer.from('\ntrailer << >>\n%%EOF\n'),
  ])
}
/** A stream object; `length`: what its dictionary says. */
export function stream(
  number: number,
  dictionary: string,
  data: Buffer,
  length: number | string = data.length,
): Buffer {
  return Buffer.concat([
    Buffer.from(`${number} 0 obj\n<< ${dictionary} /Length ${length} >>\nstream\r\n`),
    data,
    Buffer.from('\nendstream\nendobj\n'),
  ])
}
/** An RTF document around the hexadecimal text of an object. */
export const rtf = (hex: string): string =>
  `{\\rtf1\\ansi {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata ${hex}}}}`

/** A note of OneNote with one file in it. */
export function note(data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'),
    Buffer.alloc(500),
    Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex'),
    uint32(data.length),
    Buffer.alloc(16),
    data,
    Buffer.alloc(40),
  ])
}

/** An installer of Symbian with one file in it. */
export function installer(data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.alloc(8),
    Buffer.from('19040010', 'hex'),
    Buffer.alloc(100),
    deflateSync(data),
    Buffer.alloc(10),
  ])
}

/** A container record with one compressed object in it. */
export function presentation(data: Buffer): Buffer {
  const packed = Buffer.concat([uint32(data.length), deflateSync(data)])
  const record = (version: number, type: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(8)
    head.writeUInt16LE(version, 0)
    head.writeUInt16LE(type, 2)
    head.writeUInt32LE(body.length, 4)
    return Buffer.concat([head, body])
  }
  return record(0xf, 0x3e8, Buffer.concat([record(0, 0x3e9, Buffer.alloc(4)), record(0x10, 0x1011, packed)]))
}

/** With its end mark. */
export function ascii85(bytes: Buffer): Buffer {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const piece = bytes.subarray(at, at + 4)
    let value = Buffer.concat([piece, Buffer.alloc(4 - piece.length)]).readUInt32BE()
    const digits: string[] = []
    for (let digit = 0; digit < 5; digit += 1) {
      digits.unshift(String.fromCharCode(33 + (value % 85)))
      value = Math.floor(value / 85)
    }
    text += digits.join('').slice(0, piece.length + 1)
  }
  return Buffer.from(`${text}~>`)
}

/** One code of nine bits for each byte, which is allowed as long as the table is cleared in time. */
export function lzw(bytes: Buffer): Buffer {
  const codes = [256]
  for (const [at, byte] of bytes.entries()) {
    if (at > 0 && at % 100 === 0) codes.push(256)
    codes.push(byte)
  }
  const bits = [...codes, 257].map((code) => code.toString(2).padStart(9, '0')).join('')
  return Buffer.from(
    (bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
  )
}

/** As PNG stores rows: each with a byte before it that says how, `pixel` bytes to a point. */
export function pngRows(bytes: Buffer, how: number, { row, pixel }: { row: number; pixel: number }): Buffer {
  const before = (at: number, back: number): number => (at - back < 0 ? 0 : (bytes[at - back] ?? 0))
  const rows: Buffer[] = []
  for (let start = 0; start < bytes.length; start += row) {
    const made = [how]
    for (let at = start; at < Math.min(bytes.length, start + row); at += 1) {
      const isFirst = at - start < pixel
      const [left, above] = [isFirst ? 0 : before(at, pixel), before(at, row)]
      made.push((bytes[at] ?? 0) - difference(how, left, above, isFirst ? 0 : before(at, row + pixel)))
    }
    rows.push(Buffer.from(made))
  }
  return Buffer.concat(rows)
}

function difference(how: number, left: number, above: number, corner: number): number {
  const guess = left + above - corner
  const nearest = [left, above, corner].reduce((one, other) =>
    Math.abs(other - guess) < Math.abs(one - guess) ? other : one,
  )
  return [0, left, above, Math.floor((left + above) / 2), nearest][how] ?? 0
}
