// Makes messages of PKCS #7 (CMS) around a content. Used by tests only.
import { deflateSync } from 'node:zlib'

/** `open`: without lengths, the content in pieces, as programs write what they do not keep in memory. */
export interface Pkcs7Form {
  readonly open?: boolean
  readonly compressed?: boolean
}

const data = '2a864886f70d010701'

/** Without certificates and signatures: nobody checks them here. */
export function makePkcs7(content: Buffer, { open = false, compressed = false }: Pkcs7Form = {}): Buffer {
  const around = (tag: number, ...inside: Buffer[]): Buffer => {
    const body = Buffer.concat(inside)
    if (open) return Buffer.concat([Buffer.from([tag, 0x80]), body, Buffer.alloc(2)])
    return Buffer.concat([Buffer.from([tag]), lengthOf(body), body])
  }
  const inner = around(0x30, oid(data), around(0xa0, octets(compressed ? deflateSync(content) : content, open)))
  const algorithms = around(compressed ? 0x30 : 0x31)
  const message = around(0x30, Buffer.from('020101', 'hex'), algorithms, inner)
  return around(0x30, oid(compressed ? '2a864886f70d0109100109' : '2a864886f70d010702'), around(0xa0, message))
}

function octets(content: Buffer, open: boolean): Buffer {
  const one = (piece: Buffer): Buffer => Buffer.concat([Buffer.from([0x04]), lengthOf(piece), piece])
  if (!open) return one(content)
  const half = content.length >> 1
  return Buffer.concat([
    Buffer.from([0x24, 0x80]),
    one(content.subarray(0, half)),
    one(content.subarray(half)),
    Buffer.alloc(2),
  ])
}

function oid(hex: string): Buffer {
  return Buffer.concat([Buffer.from([0x06, hex.length / 2]), Buffer.from(hex, 'hex')])
}

function lengthOf(bytes: Buffer): Buffer {
  if (bytes.length < 0x80) return Buffer.from([bytes.length])
  return Buffer.from([0x83, bytes.length >> 16, (bytes.length >> 8) & 255, bytes.length & 255])
}
