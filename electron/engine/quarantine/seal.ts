// The format AMQ1: one object sealed so that it cannot be run by accident, nor swapped, cut or reordered unnoticed.
// Layout: 'AMQ1', uint32 BE header length, header JSON, encrypted metadata, chunks of chunkBytes each followed by its tag.
// Owns the bytes and the keys; never a folder, a limit or an index.
import { createCipheriv, createDecipheriv, createHash, createHmac, type DecipherGCM, randomBytes } from 'node:crypto'
import { ProductError } from '#shared/errors.ts'
import { QuarantineHeader, QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { fillBuffer, pieces } from '../files/content.ts'

export const chunkBytes = 1024 * 1024
const tagBytes = 16
const magic = Buffer.from('AMQ1')
const maxHeaderBytes = 64 * 1024
const maxMetadataBytes = 256 * 1024
const metadataIndex = 0xffffffff
const cipher = 'aes-256-gcm'

export interface SealInput {
  /** Descriptor that is read from its beginning to its end. */
  readonly source: number
  readonly sizeBytes: number
  readonly id: QuarantineHeader['id']
  readonly detectionId: QuarantineHeader['detectionId']
  readonly storedAt: string
  readonly metadata: QuarantineMetadata
  readonly masterKey: Buffer
  readonly write: (bytes: Buffer) => void
}

/** Seals the whole source; returns the SHA-256 and size of what was read. Errors are those of reading and of `write`. */
export async function seal(input: SealInput): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const dataKey = randomBytes(32)
  const noncePrefix = randomBytes(8)
  const metadata = Buffer.from(JSON.stringify(QuarantineMetadata.parse(input.metadata)), 'utf8')
  const header = QuarantineHeader.parse({
    version: 1,
    id: input.id,
    detectionId: input.detectionId,
    storedAt: input.storedAt,
    sizeBytes: input.sizeBytes,
    keyId: keyIdOf(input.masterKey),
    wrappedKey: wrapKey(dataKey, input.masterKey, input.id).toString('base64'),
    noncePrefix: noncePrefix.toString('base64'),
    chunkBytes,
    metadataBytes: metadata.length + tagBytes,
  })
  const head = headBytes(header)
  const box: Box = { dataKey, noncePrefix, headHash: createHash('sha256').update(head).digest() }
  input.write(head)
  input.write(encrypt(box, metadataIndex, true, metadata))
  const hash = createHash('sha256')
  let index = 0
  let sizeBytes = 0
  let held = Buffer.alloc(0)
  for await (const piece of pieces(input.source, chunkBytes)) {
    // One piece is held back, so that the last one can be marked as the last.
    if (sizeBytes > 0) input.write(encrypt(box, index++, false, held))
    hash.update(piece)
    sizeBytes += piece.length
    held = Buffer.from(piece)
  }
  input.write(encrypt(box, index, true, held))
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** The clear header of a sealed file. Throws ProductError `vault-damaged`. */
export function readHeader(fd: number): QuarantineHeader {
  return readHead(fd).header
}

export interface Opened {
  readonly header: QuarantineHeader
  readonly metadata: QuarantineMetadata
  /** The content from its beginning, chunk by chunk; throws ProductError `vault-damaged` at the first chunk that is not whole. */
  content(): AsyncGenerator<Buffer>
}

/**
 * Opens a sealed file. Throws ProductError `vault-key-lost` when another master key sealed it and `vault-damaged` when
 * anything was changed, cut or put in place of another copy.
 */
export function openSealed(fd: number, id: QuarantineHeader['id'], masterKey: Buffer): Opened {
  const { header, head } = readHead(fd)
  if (header.id !== id) throw new ProductError('vault-damaged', 'another copy')
  if (header.keyId !== keyIdOf(masterKey)) throw new ProductError('vault-key-lost')
  const box: Box = {
    dataKey: unwrapKey(Buffer.from(header.wrappedKey, 'base64'), masterKey, id),
    noncePrefix: Buffer.from(header.noncePrefix, 'base64'),
    headHash: createHash('sha256').update(head).digest(),
  }
  const metadata = readMetadata(fd, header, head.length, box)
  return { header, metadata, content: () => readChunks(fd, header, head.length + header.metadataBytes, box) }
}

/** How large a sealed file of this content will be, at most, with metadata of this length. */
export function sealedSize(sizeBytes: number, metadataBytes = 0): number {
  const head = magic.length + 4 + 1024 + Math.max(3072, metadataBytes)
  return sizeBytes + (Math.floor(sizeBytes / chunkBytes) + 2) * tagBytes + head
}

interface Box {
  readonly dataKey: Buffer
  readonly noncePrefix: Buffer
  readonly headHash: Buffer
}

function headBytes(header: QuarantineHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header), 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([magic, length, json])
}

function readHead(fd: number): { readonly header: QuarantineHeader; readonly head: Buffer } {
  const start = Buffer.alloc(magic.length + 4)
  if (fillBuffer(fd, start, 0) < start.length || !start.subarray(0, magic.length).equals(magic)) throw damaged('header')
  const length = start.readUInt32BE(magic.length)
  if (length > maxHeaderBytes) throw damaged('header')
  const json = Buffer.alloc(length)
  if (fillBuffer(fd, json, start.length) < length) throw damaged('header')
  const header = QuarantineHeader.safeParse(parseJson(json))
  if (!header.success) throw damaged('header')
  return { header: header.data, head: Buffer.concat([start, json]) }
}

function readMetadata(fd: number, header: QuarantineHeader, at: number, box: Box): QuarantineMetadata {
  if (header.metadataBytes > maxMetadataBytes) throw damaged('metadata')
  const sealed = Buffer.alloc(header.metadataBytes)
  if (fillBuffer(fd, sealed, at) < sealed.length) throw damaged('metadata')
  const metadata = QuarantineMetadata.safeParse(parseJson(decrypt(box, metadataIndex, true, sealed)))
  if (!metadata.success) throw damaged('metadata')
  return metadata.data
}

async function* readChunks(fd: number, header: QuarantineHeader, from: number, box: Box): AsyncGenerator<Buffer> {
  let index = 0
  let sizeBytes = 0
  let held: Buffer | undefined
  const whole = header.chunkBytes + tagBytes
  for (let at = from; ; at += whole) {
    const sealed = Buffer.alloc(whole)
    const length = fillBuffer(fd, sealed, at)
    if (held !== undefined) {
      const bytes = decrypt(box, index, length === 0, held)
      index += 1
      sizeBytes += bytes.length
      yield bytes
    }
    if (length === 0) break
    held = sealed.subarray(0, length)
  }
  if (index === 0 || sizeBytes !== header.sizeBytes) throw damaged('size')
}

function encrypt(box: Box, index: number, last: boolean, bytes: Buffer): Buffer {
  const sealing = createCipheriv(cipher, box.dataKey, nonceOf(box, index))
  sealing.setAAD(boundTo(box, index, last))
  return Buffer.concat([sealing.update(bytes), sealing.final(), sealing.getAuthTag()])
}

function decrypt(box: Box, index: number, last: boolean, sealed: Buffer): Buffer {
  if (sealed.length < tagBytes) throw damaged('chunk')
  const opening = createDecipheriv(cipher, box.dataKey, nonceOf(box, index), { authTagLength: tagBytes })
  opening.setAAD(boundTo(box, index, last))
  return finish(opening, sealed)
}

function finish(opening: DecipherGCM, sealed: Buffer): Buffer {
  const split = sealed.length - tagBytes
  try {
    opening.setAuthTag(sealed.subarray(split))
    return Buffer.concat([opening.update(sealed.subarray(0, split)), opening.final()])
  } catch (error) {
    throw new ProductError('vault-damaged', 'chunk', { cause: error })
  }
}

function nonceOf(box: Box, index: number): Buffer {
  const nonce = Buffer.alloc(12)
  box.noncePrefix.copy(nonce)
  nonce.writeUInt32BE(index, 8)
  return nonce
}

function boundTo(box: Box, index: number, last: boolean): Buffer {
  const end = Buffer.alloc(5)
  end.writeUInt32BE(index)
  end[4] = last ? 1 : 0
  return Buffer.concat([box.headHash, end])
}

/** A one-way mark of a master key: tells which one sealed a copy. */
export function keyIdOf(masterKey: Buffer): string {
  return createHmac('sha256', masterKey).update('quarantine key id').digest('hex').slice(0, 16)
}

function wrapKey(dataKey: Buffer, masterKey: Buffer, id: string): Buffer {
  const nonce = randomBytes(12)
  const wrapping = createCipheriv(cipher, masterKey, nonce)
  wrapping.setAAD(Buffer.from(`AMQ1 data key ${id}`))
  return Buffer.concat([nonce, wrapping.update(dataKey), wrapping.final(), wrapping.getAuthTag()])
}

function unwrapKey(wrapped: Buffer, masterKey: Buffer, id: string): Buffer {
  if (wrapped.length !== 60) throw damaged('data key')
  const unwrapping = createDecipheriv(cipher, masterKey, wrapped.subarray(0, 12), { authTagLength: tagBytes })
  unwrapping.setAAD(Buffer.from(`AMQ1 data key ${id}`))
  return finish(unwrapping, wrapped.subarray(12))
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function damaged(what: string): ProductError {
  return new ProductError('vault-damaged', what)
}
