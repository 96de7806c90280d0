// Opens what 7-Zip opens: 7z, RAR, CAB, ISO, xz, bzip2, zstd, ARJ, LZH, cpio, CHM, OLE, NSIS, and ZIP with rare methods.
// Never believes a listing: sizes are counted while written, and what cannot be decrypted is never called scanned.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { zipFormats } from '../identify/archive-formats.ts'
import { type DiskImage, diskImages } from '../identify/disk-image.ts'
import type { Format } from '../identify/identify.ts'
import { membersBehind } from './behind.ts'
import { nameWithoutEnding } from './gzip.ts'
import { type Run, SevenZip } from './seven-zip-runtime.ts'
import { tailOf, warnedGap } from './seven-zip-warnings.ts'
import type { Member, Unpacker, UnpackInput } from './unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>([
  '7z',
  'rar',
  'cab',
  'iso',
  'xz',
  'bz2',
  'zst',
  'arj',
  'lzh',
  'cpio',
  'chm',
  'ole',
  'compress',
  'ar',
  'rpm',
  'wim',
  'squashfs',
  'szdd',
  'xar',
  'lzma',
  'nsis',
  'swf',
  'ihex',
  ...(Object.keys(diskImages) as DiskImage[]),
])

/** Told to 7-Zip, so that it never guesses by trial from hostile bytes. */
const types: Partial<Record<Format, string>> = {
  zip: 'zip',
  ooxml: 'zip',
  jar: 'zip',
  '7z': '7z',
  cab: 'cab',
  xz: 'xz',
  bz2: 'bzip2',
  zst: 'zstd',
  arj: 'arj',
  lzh: 'lzh',
  cpio: 'cpio',
  chm: 'chm',
  ole: 'compound',
  compress: 'z',
  ar: 'ar',
  rpm: 'rpm',
  wim: 'wim',
  squashfs: 'squashfs',
  szdd: 'mslz',
  xar: 'xar',
  lzma: 'lzma',
  nsis: 'nsis',
  swf: 'SWFc',
  ihex: 'IHex',
  ...diskImages,
}
const mayBeEncrypted: ReadonlySet<Format> = new Set<Format>(['7z', 'rar', 'zip', 'ooxml', 'jar', 'arj'])
/** Formats around one stream that has no name of its own. */
const singleStream: ReadonlySet<Format> = new Set<Format>([
  'xz',
  'bz2',
  'zst',
  'compress',
  'szdd',
  'lzma',
  'swf',
  'ihex',
])
/** Coder id of AES in a 7z header. */
const aesCoder = Buffer.from('06f10701', 'hex')

/** One instance per scanner, made when first needed. */
export function createSevenZipUnpacker(): Unpacker {
  let idle: SevenZip | undefined
  return {
    formats,
    unpack: async function* (input) {
      const instance = idle ?? (await SevenZip.create())
      // A nested archive needs its own while this one still holds members.
      idle = undefined
      try {
        yield* unpackWith(instance, input)
      } finally {
        for (const file of instance.takeFiles()) void file
        if (!instance.isBroken) idle = instance
      }
    },
  }
}

async function* unpackWith(instance: SevenZip, input: UnpackInput): AsyncGenerator<Member> {
  const { bytes, budget, format } = input
  // It takes the archive as a whole, beside what the archives around it hold already.
  if (bytes.length > budget.roomToHold()) return yield { kind: 'problem', reason: 'too-big' }
  const type = types[format] === undefined ? [] : [`-t${types[format]}`]
  const encrypted = mayBeEncrypted.has(format) ? encryptedNames(instance, input, type) : new Set<string>()
  if (encrypted === 'unreadable' && isHeaderEncrypted(format, bytes))
    return yield { kind: 'problem', reason: 'encrypted', isAll: true }
  // -aou: members of the same name are kept apart, none hides another.
  const run = instance.run(['x', '-y', '-pX', '-bd', '-aou', '-snl-', '-o/out', ...type], bytes, budget)
  const refused = refusedNames(run)
  const skipped = new Set([...(encrypted === 'unreadable' ? [] : encrypted), ...refused])
  let members = 0
  const giveBack = budget.hold(instance.written)
  try {
    for (const file of instance.takeFiles()) {
      members += 1
      const name = singleStream.has(format) ? nameWithoutEnding(input.name) : Buffer.from(file.name, 'utf8')
      if (!skipped.has(file.name)) yield { kind: 'content', name, bytes: file.bytes }
    }
  } finally {
    giveBack()
  }
  for (const name of skipped) yield { kind: 'skipped', name: Buffer.from(name, 'utf8'), reason: 'encrypted' }
  yield* membersBehind(tailOf(run.lines, bytes), input)
  const reason = problemOf(run, { hasEncrypted: skipped.size > 0, hasMembers: members > 0 }, input)
  if (reason === null) return
  yield { kind: 'problem', reason }
  // It does not say where what it cannot read ends.
  if (reason === 'corrupt' && !zipFormats.has(format)) yield* membersBehind(bytes.subarray(1), input)
}

/** Names of members that the listing calls encrypted; `unreadable` when there is no listing. */
function encryptedNames(instance: SevenZip, input: UnpackInput, type: readonly string[]): Set<string> | 'unreadable' {
  const listing = instance.run(['l', '-slt', '-pX', '-bd', ...type], input.bytes, input.budget)
  if (listing.code === null) return 'unreadable'
  if (listing.errors.some((line) => /wrong password|encrypted archive/i.test(line))) return 'unreadable'
  const names = new Set<string>()
  let current = ''
  for (const line of listing.lines) {
    if (line.startsWith('Path = ')) current = line.slice('Path = '.length)
    else if (line === 'Encrypted = +') names.add(current)
  }
  return names
}

/** Members that 7-Zip named as not decrypted while extracting. */
function refusedNames(run: Run): string[] {
  const names: string[] = []
  for (const line of [...run.errors, ...run.lines]) {
    const found = /^ERROR: .*(?:Wrong password|encrypted file)[^:]* : (.+)$/i.exec(line)
    if (found?.[1] !== undefined) names.push(found[1])
  }
  return names
}

function isHeaderEncrypted(format: Format, bytes: Buffer): boolean {
  if (format === '7z') return bytes.includes(aesCoder)
  if (format !== 'rar') return false
  // RAR 5: an encryption header stands in the place of the main one. RAR 4: a flag of the main header.
  if (bytes[6] === 1) return bytes[13] === 4
  return bytes.length > 12 && (bytes.readUInt16LE(10) & 0x80) !== 0
}

interface Seen {
  readonly hasEncrypted: boolean
  readonly hasMembers: boolean
}

/** What the run says about the container as a whole. */
function problemOf(run: Run, seen: Seen, input: UnpackInput): NotScannedReason | null {
  const { format, bytes } = input
  if (run.stopped !== undefined) return run.stopped
  if (run.code === 0) return warnedGap(run.lines, input, seen.hasMembers || seen.hasEncrypted)
  const text = [...run.errors, ...run.lines].join('\n')
  if (run.code === null) return format === '7z' && bytes.includes(aesCoder) ? 'encrypted' : 'corrupt'
  if (/missing volume/i.test(text)) return 'split'
  // What breaks off is also guessed to have another password.
  if (!seen.hasEncrypted && /unexpected end of (?:archive|data)/i.test(text)) return 'truncated'
  if (/password|encrypted/i.test(text)) return seen.hasEncrypted ? null : 'encrypted'
  if (/unsupported method/i.test(text)) return 'unsupported'
  // Exit code 1 is a warning, such as data after the archive's end.
  return run.code === 1 && seen.hasMembers ? null : 'corrupt'
}
