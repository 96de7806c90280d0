// Small programs for Windows and Linux made of headers and sections, to try offsets in them. They do nothing when started.

export interface SmallSection {
  /** Where it is loaded, from the image's base; a multiple of 0x1000. */
  readonly address: number
  readonly content: Buffer
}

const headerSize = 0x400
const alignment = 0x200

/** A PE32 file: sections one after the other from 0x400 on, each filled up to 0x200 bytes. `entry`: relative address. */
export function smallPe(sections: readonly SmallSection[], entry: number): Buffer {
  const head = Buffer.alloc(headerSize)
  head.write('MZ', 0, 'latin1')
  head.writeUInt32LE(0x80, 0x3c)
  head.write('PE\0\0', 0x80, 'latin1')
  head.writeUInt16LE(0x14c, 0x84)
  head.writeUInt16LE(sections.length, 0x86)
  head.writeUInt16LE(0xe0, 0x94)
  head.writeUInt16LE(0x0102, 0x96)
  const optional = 0x98
  head.writeUInt16LE(0x10b, optional)
  head.writeUInt32LE(entry, optional + 16)
  head.writeUInt32LE(0x40_0000, optional + 28)
  head.writeUInt32LE(0x1000, optional + 32)
  head.writeUInt32LE(alignment, optional + 36)
  head.writeUInt16LE(4, optional + 48)
  head.writeUInt32LE(0x1000 * (sections.length + 2), optional + 56)
  head.writeUInt32LE(headerSize, optional + 60)
  head.writeUInt16LE(2, optional + 68)
  head.writeUInt32LE(16, optional + 92)
  const bodies: Buffer[] = []
  let at = headerSize
  sections.forEach(({ address, content }, index) => {
    const body = Buffer.alloc(Math.ceil(content.length / alignment) * alignment)
    content.copy(body)
    const row = optional + 0xe0 + index * 40
    head.write(`.s${index}`, row, 'latin1')
    head.writeUInt32LE(content.length, row + 8)
    head.writeUInt32LE(address, row + 12)
    head.writeUInt32LE(body.length, row + 16)
    head.writeUInt32LE(at, row + 20)
    head.writeUInt32LE(0xe000_0020, row + 36)
    bodies.push(body)
    at += body.length
  })
  return Buffer.concat([head, ...bodies])
}

/** An ELF file of 32 bits, little-endian, for x86: one segment of all the file, loaded at 0x8048000. `entry`: offset in the file. */
export function smallElf(content: Buffer, entry: number): Buffer {
  const base = 0x804_8000
  const head = Buffer.alloc(0x54)
  const size = head.length + content.length
  Buffer.from('7f454c46010101', 'hex').copy(head)
  head.writeUInt16LE(2, 16)
  head.writeUInt16LE(3, 18)
  head.writeUInt32LE(1, 20)
  head.writeUInt32LE(base + entry, 24)
  head.writeUInt32LE(0x34, 28)
  head.writeUInt16LE(0x34, 40)
  head.writeUInt16LE(0x20, 42)
  head.writeUInt16LE(1, 44)
  head.writeUInt16LE(0x28, 46)
  head.writeUInt32LE(1, 0x34)
  head.writeUInt32LE(0, 0x38)
  head.writeUInt32LE(base, 0x3c)
  head.writeUInt32LE(base, 0x40)
  head.writeUInt32LE(size, 0x44)
  head.writeUInt32LE(size, 0x48)
  head.writeUInt32LE(5, 0x4c)
  head.writeUInt32LE(0x1000, 0x50)
  return Buffer.concat([head, content])
}
