// A Windows program with sections of these contents; only its headers are true.

export interface Decoys {
  /** So many more entries for the place of the first section, before all others. */
  readonly repeatFirst?: number
  /** The same, each beginning two bytes later than the one before. */
  readonly shiftedFirst?: number
}

const headBytes = 0x1400

export function program(sections: readonly Buffer[], { repeatFirst = 0, shiftedFirst = 0 }: Decoys = {}): Buffer {
  const first = sections[0]?.length ?? 0
  const rows = Array.from({ length: repeatFirst }, () => ({ size: first, at: headBytes }))
  for (let nth = 0; nth < shiftedFirst; nth++) rows.push({ size: first, at: headBytes + 2 * nth })
  let offset = headBytes
  for (const section of sections) {
    rows.push({ size: section.length, at: offset })
    offset += section.length
  }
  return Buffer.concat([header(rows), ...sections])
}

function header(rows: readonly { readonly size: number; readonly at: number }[]): Buffer {
  const head = Buffer.alloc(headBytes)
  head.write('MZ')
  head.writeUInt32LE(0x80, 0x3c)
  head.write('PE\0\0', 0x80)
  head.writeUInt16LE(rows.length, 0x86)
  for (const [index, { size, at }] of rows.entries()) {
    const row = 0x98 + index * 40
    head.write(`.s${index}`, row)
    head.writeUInt32LE(size, row + 16)
    head.writeUInt32LE(at, row + 20)
  }
  return head
}
