// Makes images and files of rarer kinds, each around one content.
import { crc32, deflateSync } from 'node:zlib'

/** A compressed file system of one file of at most 4 KB. */
export function makeCramfs(name: string, data: Buffer): Buffer {
  const image = Buffer.alloc(4096)
  const packed = deflateSync(data)
  const nameAt = 76 + 12
  const nameBytes = (name.length + 3) & ~3
  const dataAt = nameAt + nameBytes
  const inode = (at: number, mode: number, size: number, words: number): void => {
    image.writeUInt16LE(mode, at)
    image.writeUIntLE(size, at + 4, 3)
    image.writeUInt32LE(words >>> 0, at + 8)
  }
  image.writeUInt32LE(0x28cd3d45, 0)
  image.writeUInt32LE(image.length, 4)
  image.writeUInt32LE(1, 8)
  image.write('Compressed ROMFS', 16)
  image.writeUInt32LE(1, 40)
  image.writeUInt32LE(2, 44)
  inode(64, 0o040755, 12 + nameBytes, (76 / 4) << 6)
  inode(76, 0o100644, data.length, ((dataAt / 4) << 6) | (nameBytes / 4))
  image.write(name, nameAt)
  image.writeUInt32LE(dataAt + 4 + packed.length, dataAt)
  packed.copy(image, dataAt + 4)
  image.writeUInt32LE(crc32(image), 32)
  return image
}

/** An archive of Electron; `/` in names makes folders. */
export function makeAsar(members: readonly { name: string; data: Buffer }[]): Buffer {
  type Folder = { files: Record<string, Folder | { size: number; offset: string }> }
  const root: Folder = { files: {} }
  let at = 0
  for (const { name, data } of members) {
    const [last = '', ...above] = name.split('/').reverse()
    let folder = root
    for (const part of above.reverse()) {
      const next: Folder = { files: {} }
      folder.files[part] = next
      folder = next
    }
    folder.files[last] = { size: data.length, offset: `${at}` }
    at += data.length
  }
  const list = Buffer.from(JSON.stringify(root))
  const padding = Buffer.alloc(-list.length & 3)
  const head = Buffer.alloc(16)
  for (const [index, value] of [
    4,
    list.length + padding.length + 8,
    list.length + padding.length + 4,
    list.length,
  ].entries())
    head.writeUInt32LE(value, index * 4)
  return Buffer.concat([head, list, padding, ...members.map(({ data }) => data)])
}

/** Sixteen bytes to a line, then the line that ends it. */
export function makeIntelHex(data: Buffer): Buffer {
  const line = (at: number, kind: number, bytes: Buffer): string => {
    const record = Buffer.concat([Buffer.from([bytes.length, at >> 8, at & 255, kind]), bytes])
    const sum = -record.reduce((total, byte) => total + byte, 0) & 255
    return `:${record.toString('hex').toUpperCase()}${sum.toString(16).padStart(2, '0').toUpperCase()}\r\n`
  }
  const lines: string[] = []
  for (let at = 0; at < data.length; at += 16) lines.push(line(at, 0, data.subarray(at, at + 16)))
  return Buffer.from([...lines, line(0, 1, Buffer.alloc(0))].join(''))
}

/** A Flash film that is nothing but these bytes, packed. */
export function makeFlash(data: Buffer): Buffer {
  const head = Buffer.from('4357530a00000000', 'hex')
  head.writeUInt32LE(8 + data.length, 4)
  return Buffer.concat([head, deflateSync(data)])
}

/** An image of a disc, sector by sector with marks and room for sums. */
export function makeRawDisc(image: Buffer, kind: 1 | 2): Buffer {
  const sectors: Buffer[] = []
  for (let at = 0; at < image.length; at += 2048) {
    const sector = Buffer.alloc(2352)
    Buffer.from('00ffffffffffffffffffff00', 'hex').copy(sector)
    sector[15] = kind
    image.copy(sector, kind === 1 ? 16 : 24, at, at + 2048)
    sectors.push(sector)
  }
  return Buffer.concat(sectors)
}
