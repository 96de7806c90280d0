// Makes a Windows installer package (MSI): a compound file whose streams have names as only those have, one of them a cabinet.
// Used by tests only.
import { deflateRawSync } from 'node:zlib'
import { makeOle } from './ole.ts'

export interface MsiMember {
  readonly name: string
  readonly data: Buffer
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._'
/** Class of the root: an installer package. */
const packageClass = Buffer.from('8410 0c00 0000 0000 c000 0000 0000 0046'.replaceAll(' ', ''), 'hex')
const [pairs, singles] = [0x3800, 0x4800]
const cabinetHeaderBytes = 36
const [folderBytes, fileBytes, dataHeaderBytes] = [8, 16, 8]

/** `files`: in the cabinet `media.cab`. `streams`: beside it, such as programs that the installation calls. */
export function makeMsi(files: readonly MsiMember[], streams: readonly MsiMember[] = []): Buffer {
  const all = [{ name: 'media.cab', data: makeCab(files) }, ...streams]
  return makeOle(
    all.map(({ name, data }) => ({ name: packedName(name), data })),
    packageClass,
  )
}

/** A cabinet of one folder, compressed (MSZIP). All files together may have 32 KB. */
export function makeCab(files: readonly MsiMember[]): Buffer {
  const content = Buffer.concat(files.map(({ data }) => data))
  const block = Buffer.concat([Buffer.from('CK'), deflateRawSync(content)])
  const rows = Buffer.concat(files.map(fileRow))
  const dataAt = cabinetHeaderBytes + folderBytes + rows.length
  const header = Buffer.alloc(cabinetHeaderBytes + folderBytes)
  header.write('MSCF')
  header.writeUInt32LE(dataAt + dataHeaderBytes + block.length, 8)
  header.writeUInt32LE(cabinetHeaderBytes + folderBytes, 16)
  header.writeUInt16LE(0x0103, 24)
  header.writeUInt16LE(1, 26)
  header.writeUInt16LE(files.length, 28)
  header.writeUInt32LE(dataAt, 36)
  header.writeUInt16LE(1, 40)
  header.writeUInt16LE(1, 42)
  // Without a sum: that is allowed.
  const dataHeader = Buffer.alloc(dataHeaderBytes)
  dataHeader.writeUInt16LE(block.length, 4)
  dataHeader.writeUInt16LE(content.length, 6)
  return Buffer.concat([header, rows, dataHeader, block])
}

function fileRow({ name, data }: MsiMember, index: number, files: readonly MsiMember[]): Buffer {
  const row = Buffer.alloc(fileBytes)
  row.writeUInt32LE(data.length, 0)
  row.writeUInt32LE(
    files.slice(0, index).reduce((sum, file) => sum + file.data.length, 0),
    4,
  )
  return Buffer.concat([row, Buffer.from(`${name}\0`, 'latin1')])
}

/** Two letters become one character. */
function packedName(name: string): string {
  let packed = ''
  for (let at = 0; at < name.length; at += 2) {
    const [one, other] = [letters.indexOf(name[at] ?? ''), letters.indexOf(name[at + 1] ?? ' ')]
    packed += String.fromCharCode(other === -1 ? singles + one : pairs + one + (other << 6))
  }
  return packed
}
