// Makes the encoded files that tests put into mails and texts. Used by tests only.
import { deflateSync } from 'node:zlib'

/** uuencode with its frame. */
export function uuencoded(name: string, bytes: Buffer): string {
  const digit = (value: number): string => (value === 0 ? '`' : String.fromCharCode(0x20 + value))
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 45) {
    const piece = bytes.subarray(at, at + 45)
    let line = digit(piece.length)
    for (let group = 0; group < piece.length; group += 3) {
      const value = ((piece[group] ?? 0) << 16) | ((piece[group + 1] ?? 0) << 8) | (piece[group + 2] ?? 0)
      for (const shift of [18, 12, 6, 0]) line += digit((value >> shift) & 63)
    }
    lines.push(line)
  }
  return `begin 644 ${name}\n${lines.join('\n')}\n\`\nend\n`
}

/** BinHex 4.0 with a data fork only; checksums are zero, nobody looks at them here. */
export function makeBinhex(name: string, bytes: Buffer): string {
  const digits = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(bytes.length, 0)
  const header = Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(`${name}\0TEXTttxt`),
    Buffer.alloc(2),
    lengths,
    Buffer.alloc(2),
  ])
  const plain = Buffer.concat([header, bytes, Buffer.alloc(2)])
  const escaped = Buffer.from([...plain].flatMap((byte) => (byte === 0x90 ? [0x90, 0] : [byte])))
  let bits = ''
  for (const byte of escaped) bits += byte.toString(2).padStart(8, '0')
  const text = (bits.padEnd(Math.ceil(bits.length / 6) * 6, '0').match(/.{6}/g) ?? []).map(
    (six) => digits[Number.parseInt(six, 2)],
  )
  return `(This file must be converted with BinHex 4.0)\r\n\r\n:${text.join('').replace(/.{64}/g, '$&\r\n')}:\r\n`
}

/** A TNEF stream with one attachment. */
export function makeTnef(name: string, bytes: Buffer): Buffer {
  const attribute = (level: number, tag: number, content: Buffer): Buffer => {
    const head = Buffer.alloc(9)
    head.writeUInt8(level, 0)
    head.writeUInt16LE(tag, 1)
    head.writeUInt16LE(6, 3)
    head.writeUInt32LE(content.length, 5)
    return Buffer.concat([head, content, Buffer.alloc(2)])
  }
  return Buffer.concat([
    Buffer.from('789f3e220100', 'hex'),
    attribute(2, 0x9002, Buffer.alloc(14)),
    attribute(2, 0x8010, Buffer.from(`${name}\0`)),
    attribute(2, 0x800f, bytes),
  ])
}

/** ActiveMime: what Office keeps macros in when a document is saved as a page. */
export function makeActiveMime(bytes: Buffer): Buffer {
  const head = Buffer.alloc(0x32)
  head.write('ActiveMime')
  head.writeUInt16LE(0x04, 0x1e)
  head.writeUInt32LE(bytes.length, 0x2e)
  return Buffer.concat([head, deflateSync(bytes)])
}
