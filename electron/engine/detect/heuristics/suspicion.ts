// What a heuristic is given and how it answers. Owns the bounded text that all script heuristics look at.
// Never says `infected`: a suspicion is for a person to judge.
import type { Detection, Subject } from '../subject.ts'

/** A subject and its beginning and end as text. */
export interface Suspect {
  readonly subject: Subject
  /** `readable` in lower case: what most script languages do not tell apart. Empty for what is no text. */
  readonly text: string
  /** First 64 KB and last 16 KB, one character for each byte (UTF-16 with a mark is decoded). */
  readonly readable: string
}

/** Synchronous and bounded in time; throws only for a bug. */
export type Heuristic = (suspect: Suspect) => Detection | null

export interface Reason {
  /** `Heuristic.CATEGORY.Detail` without its first part. */
  readonly threat: `${string}.${string}`
  readonly verdict: 'risky' | 'probably-infected'
  /** One plain sentence for a person. */
  readonly because: string
}

const [headBytes, tailBytes] = [65_536, 16_384]
const textFormats: ReadonlySet<string> = new Set(['text', 'script', 'html', 'mail', 'uuencode'])

export function suspicion({ threat, verdict, because }: Reason): Detection {
  const name = `Heuristic.${threat}`
  return { threat: name, verdict, detector: 'heuristic', rule: { name, description: because } }
}

/** The text is only made when the format is one that scripts have. */
export function suspectOf(subject: Subject): Suspect {
  const readable = textOf(subject)
  return { subject, readable, text: readable.toLowerCase() }
}

function textOf({ bytes, format }: Subject): string {
  if (bytes.length > 2 && bytes[0] === 0xff && bytes[1] === 0xfe && (format === 'data' || format === 'html'))
    return bytes.toString('utf16le', 2, headBytes * 2)
  if (!textFormats.has(format) && !(format === 'image' && isPageInPicture(bytes))) return ''
  if (bytes.length <= headBytes + tailBytes) return bytes.toString('latin1')
  return `${bytes.toString('latin1', 0, headBytes)}\n${bytes.toString('latin1', bytes.length - tailBytes)}`
}

/** A server page that passes for a picture: servers run what is in it. */
function isPageInPicture(bytes: Buffer): boolean {
  const parts = [bytes.subarray(0, headBytes), bytes.subarray(Math.max(0, bytes.length - tailBytes))]
  return parts.some((part) => part.includes('<?php') || part.includes('<?='))
}

/**
 * The first run of at least `length` base64 characters behind a place. Looks at one character in `length / 2` and grows from there, so
 * that no text makes it slow.
 */
export function base64Run(text: string, length: number, after = 0): { start: number; end: number } | null {
  const step = Math.max(1, length >> 1)
  let from = after
  for (let at = after; at < text.length; at += step) {
    if (!isBase64(text.charCodeAt(at))) continue
    let start = at
    let end = at
    while (start > from && isBase64(text.charCodeAt(start - 1))) start -= 1
    while (end < text.length && isBase64(text.charCodeAt(end))) end += 1
    if (end - start >= length) return { start, end }
    from = end
    at = Math.max(at, end - step + 1)
  }
  return null
}

/** Letters, digits, `+`, `/`, `=`, and the `-` and `_` of the kind for addresses. */
function isBase64(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x2f && code <= 0x39) ||
    code === 0x2b ||
    code === 0x3d ||
    code === 0x2d ||
    code === 0x5f
  )
}

/** Base name of a member or file. */
export function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
}
