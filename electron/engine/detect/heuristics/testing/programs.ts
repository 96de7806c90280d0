// Makes small programs and shortcuts whose headers heuristics look at. They do nothing when started. Used by tests only.

export interface Section {
  readonly flags: number
  readonly address: number
  readonly data: Buffer
  /** In memory; default: that of the data. */
  readonly size?: number
}

/** A shortcut of Windows to a program, with what is given to it. */
export function link(program: string, given: string): Buffer {
  const header = Buffer.alloc(0x4c)
  header.writeUInt32LE(0x4c)
  Buffer.from('0114020000000000c000000000000046', 'hex').copy(header, 4)
  header.writeUInt32LE(8 | 32 | 128, 20)
  const text = (value: string): Buffer => {
    const length = Buffer.alloc(2)
    length.writeUInt16LE(value.length)
    return Buffer.concat([length, Buffer.from(value, 'utf16le')])
  }
  return Buffer.concat([header, text(program), text(given), Buffer.alloc(4)])
}

/** A PE file of these sections; `entry`: relative address. */
export function program(entry: number, sections: readonly Section[]): Buffer {
  const head = Buffer.alloc(1024)
  head.write('MZ')
  head.writeUInt32LE(0x40, 0x3c)
  head.write('PE\0\0', 0x40, 'latin1')
  head.writeUInt16LE(0x14c, 0x44)
  head.writeUInt16LE(sections.length, 0x46)
  head.writeUInt16LE(0xe0, 0x54)
  head.writeUInt16LE(0x10b, 0x58)
  head.writeUInt32LE(entry, 0x68)
  head.writeUInt16LE(2, 0x58 + 68)
  let place = head.length
  sections.forEach(({ flags, address, data, size = data.length }, index) => {
    const at = 0x58 + 0xe0 + index * 40
    head.write(`.s${index}`, at)
    head.writeUInt32LE(size, at + 8)
    head.writeUInt32LE(address, at + 12)
    head.writeUInt32LE(data.length, at + 16)
    head.writeUInt32LE(place, at + 20)
    head.writeUInt32LE(flags, at + 36)
    place += data.length
  })
  return Buffer.concat([head, ...sections.map(({ data }) => data)])
}

/** A 64-bit ELF file of one segment with these flags; `sections`: where its table of sections is, 0 for none. */
export function elf(flags: number, sections = 0): Buffer {
  const bytes = Buffer.alloc(256)
  Buffer.from('7f454c46020101', 'hex').copy(bytes)
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeBigUInt64LE(0x400080n, 24)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeBigUInt64LE(BigInt(sections), 40)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64)
  bytes.writeUInt32LE(flags, 68)
  bytes.writeBigUInt64LE(0x400000n, 80)
  bytes.writeBigUInt64LE(256n, 104)
  return bytes
}
