// The header of a database container and the list of files inside it (`.info`), as text.
// Never checks a signature, never reads a file.
// Source: ClamAV's documentation of the CVD format, and what its library requires of both (cvd.c, readdb.c).
import type { ContainerKey } from './container-signature.ts'
import { verifiesInfo } from './container-signature.ts'

export const headerBytes = 512

/** The fields of `ClamAV-VDB:time:version:signatures:level:md5:signature:builder:seconds`. */
export interface ContainerHeader {
  readonly version: number
  readonly signatures: number
  /** Lowest functionality level of an engine that understands all of it. */
  readonly level: number
  readonly md5: string
  readonly signature: string
  /** When it was built, in s since 1970; null in old containers. */
  readonly seconds: number | null
  /** What the header and the one repeated in `.info` must have in common. */
  readonly common: string
}

export interface ListedFile {
  readonly size: number
  /** Hexadecimal, small letters. */
  readonly sha256: string
}

export interface ContainerInfo {
  readonly header: ContainerHeader
  readonly files: ReadonlyMap<string, ListedFile>
}

const mostFiles = 10_000

/** Null when it is not such a header. */
export function readHeader(bytes: Buffer): ContainerHeader | null {
  if (bytes.length < headerBytes) return null
  const text = bytes.toString('latin1', 0, headerBytes).replace(/[ \n]+$/, '')
  return parseHeader(text)
}

function parseHeader(text: string): ContainerHeader | null {
  const [magic, time = '', version = '', signatures = '', level = '', md5 = '', signature = '', ...rest] =
    text.split(':')
  const [builder, seconds, ...more] = rest
  if (magic !== 'ClamAV-VDB' || builder === undefined || more.length > 0) return null
  if (![version, signatures, level, seconds ?? '0'].every((field) => /^\d{1,15}$/.test(field))) return null
  return {
    version: Number(version),
    signatures: Number(signatures),
    level: Number(level),
    md5,
    signature,
    seconds: seconds === undefined ? null : Number(seconds),
    common: [time, version, signatures, level, builder, seconds ?? ''].join(':'),
  }
}

/** `key` null: its signature is not asked for. Gives the reason when it is refused. */
export function readInfo(bytes: Buffer, key: ContainerKey | null): ContainerInfo | string {
  const text = bytes.toString('latin1')
  const signedLength = text.startsWith('DSIG:') ? 0 : text.indexOf('\nDSIG:') + 1
  if (key !== null) {
    if (signedLength === 0) return 'its list of files has no signature'
    const signature = text.slice(signedLength + 'DSIG:'.length).replace(/\r?\n$/, '')
    if (!verifiesInfo(bytes.subarray(0, signedLength), signature, key))
      return 'the signature of its list of files is wrong'
  }
  const lines = (signedLength === 0 ? text : text.slice(0, signedLength)).split(/\r?\n/)
  const header = parseHeader(lines[0] ?? '')
  if (header === null) return 'its list of files has no header'
  const files = new Map<string, ListedFile>()
  for (const line of lines.slice(1)) {
    if (line === '') continue
    const [, name = '', size = '', sha256 = ''] = /^([^:]+):(\d{1,12}):([0-9a-fA-F]{64})$/.exec(line) ?? []
    if (name === '' || files.has(name) || files.size >= mostFiles) return 'its list of files is damaged'
    files.set(name, { size: Number(size), sha256: sha256.toLowerCase() })
  }
  return { header, files }
}
