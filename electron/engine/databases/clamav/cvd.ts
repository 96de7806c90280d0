// ClamAV's database containers (CVD, CLD, CUD): verifies them and gives the files inside.
// Never gives a file of a container that did not verify; never follows a path from inside.
// Source: the container format in ClamAV's documentation; checks are those of its library, and no weaker.
import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type ContainerHeader, headerBytes, readHeader, readInfo } from './container-header.ts'
import { type ContainerKeys, clamavKeys, verifiesBody } from './container-signature.ts'
import type { Detached } from './detached-signature.ts'
import { flatTar, RefusedArchive, type TarVisitor } from './flat-tar.ts'
import type { Spool } from './spool.ts'

/** A container's bytes. `pieces` may be asked for more than once; each piece is valid only until the next. */
export interface ContainerSource {
  pieces(): Iterable<Buffer>
}

/** One file of a container. */
export interface ContainedFile {
  /** A flat name such as `main.hsb`. */
  readonly name: string
  readonly size: number
  readonly sha256: string
  /** Lines that are not empty. */
  readonly lines: number
  /** Its content, while the spool lasts; null when it was not wanted. */
  readonly pieces: (() => Generator<Buffer>) | null
}

export interface OpenedContainer {
  readonly name: string
  readonly version: number
  /** When it was built, ISO 8601; null where an old container does not say it. */
  readonly builtAt: string | null
  /** As its header says. */
  readonly signatures: number
  /** Of the whole container. */
  readonly sha256: string
  /** There is a detached signature, and nobody could check it. */
  readonly isDetachedUnchecked: boolean
  readonly files: readonly ContainedFile[]
}

export interface OpenOptions {
  /** Where the content of wanted files is put. */
  readonly spool: Spool
  readonly isWanted: (name: string) => boolean
  /** Default: ClamAV's own. */
  readonly keys?: ContainerKeys
  /** What a detached signature says of a `.cvd`; a good one takes the place of the old one over the body. */
  readonly detached?: (container: { readonly version: number; readonly sha256: string }) => Detached
  /** Most bytes of unpacked content. */
  readonly maxUnpackedBytes?: number
}

export type Refused = { readonly refused: string }

/** About four times of what the largest official container unpacks to. */
const defaultMaxUnpacked = 2 * 1024 * 1024 * 1024
const maxInfoBytes = 4 * 1024 * 1024
const lineFeed = 0x0a

/**
 * The verified content, or why it is refused. By the extension of `name`: `.cvd` needs two signatures, `.cld` (put together
 * on this computer from a container and its changes) that of the list of files, `.cud` (made without a key) none. In each of
 * them every file must be what the list of files says. Throws nothing for bad content; file system errors of the source.
 */
export async function openContainer(
  name: string,
  source: ContainerSource,
  options: OpenOptions,
): Promise<OpenedContainer | Refused> {
  const kind = /\.(cvd|cld|cud)$/i.exec(name)?.[1]?.toLowerCase()
  if (kind === undefined) return { refused: 'not a database container' }
  const keys = options.keys ?? clamavKeys
  const { head, md5, sha256 } = digest(source)
  const header = readHeader(head)
  if (header === null) return { refused: 'its header is damaged' }
  const detached = (kind === 'cvd' && options.detached?.({ version: header.version, sha256 })) || 'missing'
  if (typeof detached !== 'string') return detached
  if (kind === 'cvd' && detached !== 'good') {
    if (header.md5 !== md5) return { refused: 'its content does not fit its header' }
    if (!verifiesBody(md5, header.signature, keys.body)) return { refused: 'its signature is wrong' }
  }
  const unpacked = await unpack(source, options)
  if ('refused' in unpacked) return unpacked
  const problem = problemOf(header, unpacked, kind === 'cud' ? null : keys.info)
  if (problem !== null) return { refused: problem }
  return {
    name,
    version: header.version,
    builtAt: header.seconds === null ? null : isoTime(header.seconds),
    signatures: header.signatures,
    sha256,
    isDetachedUnchecked: detached === 'not-checked',
    files: unpacked.files,
  }
}

function digest(source: ContainerSource): { head: Buffer; md5: string; sha256: string } {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  let head: Buffer = Buffer.alloc(0)
  for (const piece of source.pieces()) {
    sha256.update(piece)
    const missing = headerBytes - head.length
    if (missing > 0) head = Buffer.concat([head, piece.subarray(0, missing)])
    md5.update(piece.subarray(Math.max(0, missing)))
  }
  return { head, md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

interface Unpacked {
  readonly files: ContainedFile[]
  /** The lists of files that were inside, by name. */
  readonly infos: Map<string, Buffer>
}

async function unpack(source: ContainerSource, options: OpenOptions): Promise<Unpacked | Refused> {
  const collector = collect(options)
  const tar = flatTar(collector.visitor)
  const most = options.maxUnpackedBytes ?? defaultMaxUnpacked
  let size = 0
  const push = (piece: Buffer): void => {
    size += piece.length
    if (size > most) throw new RefusedArchive('it is too large unpacked')
    tar.push(piece)
  }
  try {
    if (isPlain(source)) for (const piece of body(source)) push(piece)
    else await gunzipped(source, push)
    tar.finish()
    return collector
  } catch (error) {
    if (error instanceof RefusedArchive) return { refused: error.message }
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // What the decompressor says of bad data; everything else is of the file system.
    if (code.startsWith('Z_')) return { refused: 'its content is damaged' }
    throw error
  }
}

/** What freshclam puts together is not compressed, and begins with a file of that name. */
function isPlain(source: ContainerSource): boolean {
  let head = Buffer.alloc(0)
  for (const piece of body(source)) {
    head = Buffer.concat([head, piece.subarray(0, 7)])
    if (head.length >= 7) break
  }
  return head.toString('latin1', 0, 7) === 'COPYING'
}

async function gunzipped(source: ContainerSource, push: (piece: Buffer) => void): Promise<void> {
  // Copies: the decompressor may still hold a piece when the next one is read into the same buffer.
  const packed = Readable.from(copies(body(source)), { highWaterMark: 1 })
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  // Its failures come out of the decompressor too.
  const fed = pipeline(packed, gunzip).catch(() => undefined)
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) push(piece)
  } finally {
    gunzip.destroy()
    await fed
  }
}

function* copies(pieces: Iterable<Buffer>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece)
}

function* body(source: ContainerSource): Generator<Buffer> {
  let skip = headerBytes
  for (const piece of source.pieces()) {
    const part = piece.subarray(skip)
    skip = Math.max(0, skip - piece.length)
    if (part.length > 0) yield part
  }
}

/** Takes the files of the archive: digests all, spools what is wanted. */
function collect({ spool, isWanted }: OpenOptions): Unpacked & { readonly visitor: TarVisitor } {
  const files: ContainedFile[] = []
  const infos = new Map<string, Buffer>()
  let open: OpenFile | null = null
  return {
    files,
    infos,
    visitor: {
      begin: (name, size) => {
        if (files.some((file) => file.name === name)) throw new RefusedArchive('it holds two files of one name')
        const isInfo = name.endsWith('.info')
        if (isInfo && size > maxInfoBytes) throw new RefusedArchive('its list of files is too large')
        open = { name, size, start: spool.size, hash: createHash('sha256'), lines: 0, inLine: false, info: null }
        if (isInfo) open.info = []
      },
      content: (piece) => {
        if (open === null) return
        open.hash.update(piece)
        countLines(open, piece)
        if (open.info !== null) open.info.push(Buffer.from(piece))
        else if (isWanted(open.name)) spool.append(piece)
      },
      end: () => {
        if (open === null) return
        const { name, size, start, hash, lines, inLine, info } = open
        open = null
        if (info !== null) infos.set(name, Buffer.concat(info))
        const pieces = info === null && isWanted(name) ? () => spool.pieces(start, start + size) : null
        files.push({ name, size, sha256: hash.digest('hex'), lines: lines + (inLine ? 1 : 0), pieces })
      },
    },
  }
}

interface OpenFile {
  readonly name: string
  readonly size: number
  readonly start: number
  readonly hash: Hash
  lines: number
  /** The last line has begun and is not ended. */
  inLine: boolean
  info: Buffer[] | null
}

function countLines(file: OpenFile, piece: Buffer): void {
  let at = 0
  for (let end = piece.indexOf(lineFeed); end !== -1; end = piece.indexOf(lineFeed, at)) {
    if (end > at || file.inLine) file.lines += 1
    file.inLine = false
    at = end + 1
  }
  if (at < piece.length) file.inLine = true
}

function problemOf(
  header: ContainerHeader,
  { files, infos }: Unpacked,
  key: ContainerKeys['info'] | null,
): string | null {
  const [infoBytes, ...others] = infos.values()
  if (infoBytes === undefined || others.length > 0) return 'it has no list of files, or more than one'
  const info = readInfo(infoBytes, key)
  if (typeof info === 'string') return info
  if (info.header.common !== header.common) return 'its header is not the one that was signed'
  const listed = new Map(info.files)
  for (const { name, size, sha256 } of files) {
    const entry = listed.get(name)
    // The licence is not in the list.
    if (entry === undefined && (infos.has(name) || name === 'COPYING')) continue
    if (entry === undefined) return `${name} is not in its list of files`
    if (entry.size !== size || entry.sha256 !== sha256) return `${name} is not what its list of files says`
    listed.delete(name)
  }
  const [missing] = listed.keys()
  return missing === undefined ? null : `${missing} is missing`
}

function isoTime(seconds: number): string | null {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
