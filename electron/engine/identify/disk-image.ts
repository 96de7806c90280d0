// Images of disks: what virtual machines and systems mount, and the file systems in them. Told by the marks of each, which lie
// far from the beginning, some of them at the end. Never reads a file system.
import { type Content, sourceOf } from '../files/byte-source.ts'

export type DiskImage =
  | 'vhd'
  | 'vhdx'
  | 'vmdk'
  | 'vdi'
  | 'qcow'
  | 'dmg'
  | 'gpt'
  | 'mbr'
  | 'fat'
  | 'ntfs'
  | 'ext'
  | 'hfs'
  | 'apfs'
  | 'cramfs'

/** All of them are opened by 7-Zip, under these names. */
export const diskImages: Readonly<Record<DiskImage, string>> = {
  vhd: 'VHD',
  vhdx: 'VHDX',
  vmdk: 'VMDK',
  vdi: 'VDI',
  qcow: 'QCOW',
  dmg: 'Dmg',
  gpt: 'GPT',
  mbr: 'MBR',
  fat: 'FAT',
  ntfs: 'NTFS',
  ext: 'Ext',
  hfs: 'HFS',
  apfs: 'APFS',
  cramfs: 'CramFS',
}

const [headBytes, endBytes] = [2048, 512]
const sectorBytes = 512

/** Null for what is none. Reads the first two kilobytes and the last sector. */
export function diskImage(content: Content): DiskImage | null {
  const source = sourceOf(content)
  if (source.size < headBytes) return null
  const end = source.read(source.size - endBytes, endBytes)
  if (startsWith(end, 'conectix', 0)) return 'vhd'
  if (startsWith(end, 'koly\0\0\0\x04', 0)) return 'dmg'
  const head = source.read(0, headBytes)
  if (startsWith(head, 'conectix', 0)) return 'vhd'
  if (startsWith(head, 'vhdxfile', 0)) return 'vhdx'
  if (startsWith(head, 'KDMV', 0) && (head[4] ?? 9) < 4) return 'vmdk'
  if (startsWith(head, 'QFI\xfb\0\0\0', 0)) return 'qcow'
  if (startsWith(head, '\x7f\x10\xda\xbe', 64)) return 'vdi'
  return volume(head)
}

/** Partitions, or one file system. */
function volume(head: Buffer): DiskImage | null {
  if (startsWith(head, 'EFI PART\0\0\x01\0', 512)) return 'gpt'
  if (startsWith(head, 'NXSB', 32)) return 'apfs'
  if (startsWith(head, 'Compressed ROMFS', 16)) return 'cramfs'
  if (startsWith(head, 'H+\0\x04', 1024) || startsWith(head, 'HX\0\x05', 1024)) return 'hfs'
  if (head.readUInt16LE(1080) === 0xef53 && head.readUInt32LE(1100) < 2 && head.readUInt32LE(1048) < 7) return 'ext'
  // Systems mount it also without the name of its kind, and without the mark, which 7-Zip wants: then it is told as damaged.
  if (isFat(head)) return 'fat'
  if (head.readUInt16LE(510) !== 0xaa55) return null
  if (startsWith(head, 'NTFS    ', 3)) return 'ntfs'
  if (head.readUInt16LE(11) === sectorBytes && (startsWith(head, 'FAT', 54) || startsWith(head, 'FAT32', 82)))
    return 'fat'
  return hasPartitions(head) ? 'mbr' : null
}

/** The numbers of a FAT file system, which fit each other. */
function isFat(head: Buffer): boolean {
  const isJump = head[0] === 0xe9 || (head[0] === 0xeb && head[2] === 0x90)
  const [sector, cluster, media] = [head.readUInt16LE(11), head[13] ?? 0, head[21] ?? 0]
  const [reserved, tables, entries] = [head.readUInt16LE(14), head[16] ?? 0, head.readUInt16LE(17)]
  const isPower = (value: number): boolean => value > 0 && (value & (value - 1)) === 0
  const isShape =
    sector >= 512 && sector <= 4096 && isPower(sector) && isPower(cluster) && (entries * 32) % sector === 0
  const [few, many] = [head.readUInt16LE(19), head.readUInt32LE(32)]
  const tableSectors = head.readUInt16LE(22) || head.readUInt32LE(36)
  const isCounted = (few === 0) !== (many === 0) && (few || many) > tables * tableSectors && tableSectors > 0
  return isJump && isShape && isCounted && reserved > 0 && tables > 0 && tables < 3 && (media === 0xf0 || media >= 0xf8)
}

/** Four rows that are empty or say what they are, one at least. */
function hasPartitions(head: Buffer): boolean {
  let partitions = 0
  for (let at = 446; at < 510; at += 16) {
    if (((head[at] ?? 1) & 0x7f) !== 0) return false
    const [type, first, sectors] = [head[at + 4], head.readUInt32LE(at + 8), head.readUInt32LE(at + 12)]
    if (type === 0) continue
    if (first === 0 || sectors === 0) return false
    partitions += 1
  }
  return partitions > 0
}

function startsWith(bytes: Buffer, mark: string, at: number): boolean {
  return bytes.toString('latin1', at, at + mark.length) === mark
}
