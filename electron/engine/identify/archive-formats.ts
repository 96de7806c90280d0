// Which formats are archives: what is in one can do nothing before somebody unpacks it. Not so documents, mails and Java
// programs, which are used as they are. Never looks at a content.
import { type DiskImage, diskImages } from './disk-image.ts'
import type { Format } from './identify.ts'

export const zipFormats: ReadonlySet<Format> = new Set<Format>(['zip', 'ooxml', 'jar'])

const archiveFormats: ReadonlySet<Format> = new Set<Format>([
  ...([
    'zip',
    'tar',
    'gz',
    '7z',
    'rar',
    'cab',
    'iso',
    'xz',
    'bz2',
    'zst',
    'lz4',
    'arj',
    'lzh',
    'cpio',
    'compress',
  ] as const),
  ...(['ar', 'rpm', 'wim', 'squashfs', 'szdd', 'xar', 'lzma', 'nsis', 'sis', 'swf', 'ihex', 'rawdisc'] as const),
  ...(Object.keys(diskImages) as DiskImage[]),
])

export function isArchiveFormat(format: Format): boolean {
  return archiveFormats.has(format)
}
