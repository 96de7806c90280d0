// What may lie inside or behind another content and be found there by its mark alone: archives, programs, documents.
// A mark is never enough: each kind has a check of the numbers behind it, so that constants in programs, lists of marks and
// random bytes are none. Looks at bytes only; where to look and what becomes of it is for others.
import * as is from './carried-checks.ts'
import type { Format } from './identify.ts'

export interface Kind {
  readonly format: Format
  readonly mark: Buffer
  /** Bytes of it before its mark. */
  readonly lead: number
  /** By a sum over its header, or because nothing else looks like this: what cannot be read of it is damage. */
  readonly isCertain: boolean
  /** A content of its own, looked at like a file: more can be said of it than what it holds. */
  readonly isWhole: boolean
  /** One is enough: whoever reads it reads all of its kind behind it. */
  readonly once: boolean
  /** Its check costs nothing: the mark may stand in data as often as it likes. */
  readonly isCheap: boolean
  /** `at`: where it would begin. `size`: of what `bytes` are the beginning of. */
  isPlausible(bytes: Buffer, at: number, size: number): boolean
  /** Where it ends by its own words. */
  endOf?(bytes: Buffer, at: number): number
}

type Row = Pick<Kind, 'isPlausible' | 'endOf'> &
  Partial<Pick<Kind, 'lead' | 'isCertain' | 'isWhole' | 'once' | 'isCheap'>>

export const kinds: readonly Kind[] = [
  kind('7z', '377abcaf271c', { isCertain: true, isPlausible: is.sevenZip, endOf: is.endOfSevenZip }),
  kind('rar', '526172211a0700', { isCertain: true, isPlausible: is.rar4 }),
  kind('rar', '526172211a070100', { isCertain: true, isPlausible: is.rar5 }),
  kind('cab', '4d53434600000000', { isPlausible: is.cab, endOf: is.endOfCab }),
  kind('xz', 'fd377a585a00', { isCertain: true, isPlausible: is.xz }),
  kind('gz', '1f8b08', { isPlausible: is.gz }),
  kind('bz2', '314159265359', { lead: 4, isPlausible: is.bz2 }),
  kind('zst', '28b52ffd', { isCheap: true, isPlausible: is.zstd }),
  kind('lz4', '04224d18', { isCertain: true, isCheap: true, isPlausible: is.lz4 }),
  kind('lz4', '02214c18', { isCheap: true, isPlausible: is.lz4 }),
  kind('compress', '1f9d', { isCheap: true, isPlausible: is.compress }),
  kind('lzma', '5d0000', { isCheap: true, isPlausible: is.lzma }),
  kind('arj', '60ea', { isCertain: true, isPlausible: is.arj }),
  kind('lzh', '2d6c68', { lead: 2, isPlausible: is.lzh }),
  kind('lzh', '2d6c7a', { lead: 2, isPlausible: is.lzh }),
  kind('cpio', '303730373031', { isPlausible: is.newCpio }),
  kind('cpio', '303730373032', { isPlausible: is.newCpio }),
  kind('cpio', '303730373037', { isPlausible: is.oldCpio }),
  kind('cpio', 'c771', { isCheap: true, isPlausible: is.lowCpio }),
  kind('cpio', '71c7', { isCheap: true, isPlausible: is.highCpio }),
  kind('tar', '7573746172', { lead: 257, isCertain: true, once: true, isPlausible: is.tar }),
  kind('iso', '0143443030310100', { lead: 32_768, once: true, isPlausible: is.iso }),
  kind('squashfs', '68737173', { isPlausible: is.squashfs }),
  kind('ar', '213c617263683e0a', { isPlausible: is.ar }),
  kind('rpm', 'edabeedb', { isPlausible: is.rpm }),
  kind('wim', '4d5357494d000000', { isPlausible: is.wim }),
  kind('szdd', '535a444488f0273341', { isPlausible: is.szdd }),
  kind('xar', '7861722100', { isPlausible: is.xar }),
  kind('chm', '4954534603000000', { isPlausible: is.chm }),
  // What NSIS puts behind its program: the program itself looks for exactly this. Behind it may lie a signature, or, for an
  // uninstaller that is not compressed, the rest of the installer.
  kind('nsis', 'efbeadde4e756c6c736f6674496e7374', {
    lead: 4,
    isCertain: true,
    isPlausible: is.nsis,
    endOf: is.endOfNsis,
  }),
  kind('pe', '4d5a', { isWhole: true, isPlausible: is.pe, endOf: is.endOfPe }),
  kind('elf', '7f454c46', { isWhole: true, isPlausible: is.elf, endOf: is.endOfElfAt }),
  kind('ole', 'd0cf11e0a1b11ae1', { isWhole: true, isPlausible: is.ole }),
  kind('pdf', '255044462d', { isWhole: true, once: true, isPlausible: is.pdf }),
  kind('onenote', 'e4525c7b8cd8a74daeb15378d02996d3', { isWhole: true, once: true, isPlausible: () => true }),
]

/** A ZIP whose directory is missing or too far from the end to be found from there. */
export const directorylessZip: Kind = kind('zip', '504b0304', { once: true, isPlausible: is.zip })

function kind(format: Format, mark: string, row: Row): Kind {
  return {
    lead: 0,
    isCertain: false,
    isWhole: false,
    once: false,
    isCheap: false,
    ...row,
    format,
    mark: Buffer.from(mark, 'hex'),
  }
}
