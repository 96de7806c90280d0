// Turns path bytes into text that is safe to show, and back into exactly the bytes they were.
// Never decides whether a path is allowed: that is the business of whoever opens it.

import type { FilePath } from '#shared/domain/file-path.ts'
import { ProductError } from '#shared/errors.ts'

/** Limits of the wire form (shared/domain/file-path.ts): characters of text, bytes of a real path. */
const maxText = 20_000
const maxBytes = 18_000

/**
 * Text of a path for people; `bytes` is added exactly when that text in UTF-8 is not the path.
 * Throws ProductError `bad-path` for an empty path or one of more than 18,000 bytes.
 */
export function toFilePath(bytes: Buffer): FilePath {
  if (bytes.length === 0 || bytes.length > maxBytes) throw new ProductError('bad-path')
  const text = shorten(escapeBytes(bytes))
  if (Buffer.from(text, 'utf8').equals(bytes)) return { text }
  return { text, bytes: bytes.toString('base64') }
}

/** The real bytes of a path. Throws ProductError `bad-path` when it is empty or holds a NUL byte. */
export function toBytes(path: FilePath): Buffer {
  const bytes = path.bytes === undefined ? Buffer.from(path.text, 'utf8') : Buffer.from(path.bytes, 'base64')
  if (bytes.length === 0 || bytes.includes(0)) throw new ProductError('bad-path')
  return bytes
}

/** Text of a path from which it can be told what every byte was: as `toFilePath`, and a backslash itself is doubled. */
export function unambiguousText(bytes: Buffer): string {
  const parts = bytes.toString('latin1').split('\\')
  return parts.map((part) => escapeBytes(Buffer.from(part, 'latin1'))).join('\\\\')
}

/** Name of an archive's member as findings show it. */
export function memberName(name: Buffer): string {
  if (name.length === 0) return '(no name)'
  return toFilePath(name.subarray(0, 16_000)).text.slice(0, 4096)
}

function escapeBytes(bytes: Buffer): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      text += hex(bytes[at] ?? 0)
      at += 1
    } else {
      text += escapeCharacter(bytes.toString('utf8', at, at + length))
      at += length
    }
  }
  return text
}

/** Length in bytes of the well-formed UTF-8 sequence that starts here; 0 when there is none. */
export function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + length > bytes.length) return 0
  const piece = bytes.subarray(at, at + length)
  // Decoding and encoding again gives the same bytes only for a well-formed sequence (no surrogate, no overlong form).
  return Buffer.from(piece.toString('utf8'), 'utf8').equals(piece) ? length : 0
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return hex(code)
  return isDeceptive(code) ? `\\u{${code.toString(16)}}` : character
}

/** Characters that are invisible or change the order of what is shown: C1 controls, bidi marks, line separators, BOM, tags. */
function isDeceptive(code: number): boolean {
  if (code >= 0x80 && code <= 0x9f) return true
  if (code === 0x61c || code === 0xfeff || code === 0xad) return true
  if (code >= 0x200b && code <= 0x200f) return true
  if (code >= 0x2028 && code <= 0x202e) return true
  if (code >= 0x2060 && code <= 0x2069) return true
  return code >= 0xe0000 && code <= 0xe007f
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

/** A path whose escaped text is too long keeps its beginning and its end, where the file name is. */
function shorten(text: string): string {
  if (text.length <= maxText) return text
  const half = Math.floor(maxText / 2) - 1
  return `${trimSurrogate(text.slice(0, half))}…${text.slice(-half).replace(/^[\udc00-\udfff]/, '')}`
}

function trimSurrogate(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '')
}
