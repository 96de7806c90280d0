// Arguments and paths of the command line as the bytes they were typed in: Node decodes arguments as UTF-8 and loses what is none.
// Owns only that; never checks whether what a path names is there.
import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { FilePath } from '#shared/domain/file-path.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { asProductError, errnoOf } from '../engine/files/fs-errors.ts'
import { sequenceLength, toFilePath, unambiguousText } from '../engine/files/path-text.ts'

/** `argv` in a form that loses nothing: a byte that is no UTF-8 is a lone surrogate (U+DC80 to U+DCFF). Throws ProductError `bad-request`. */
export function givenArguments(argv: readonly string[], commandLine = ownCommandLine): string[] {
  if (process.platform !== 'linux' || !argv.some((argument) => argument.includes('\ufffd'))) return [...argv]
  // latin1 keeps every byte as one character; the last argument ends with a NUL too.
  const all = commandLine().toString('latin1').split('\0').slice(0, -1)
  // By place, never by likeness: two that are not UTF-8 look the same once they are decoded.
  const given = all.slice(all.length - argv.length).map((argument) => Buffer.from(argument, 'latin1'))
  const isSame = given.length === argv.length && given.every((bytes, at) => bytes.toString('utf8') === argv[at])
  if (!isSame) throw new ProductError('bad-request', 'the arguments cannot be read as they were given')
  return given.map(textOf)
}

/**
 * The absolute path that an argument (of `givenArguments`) names, without a slash at its end. `..` is what is above the folder
 * that a link leads to. SECURITY: that cannot be told from the text, so it is looked up. Throws as `pathError`.
 */
export function absolutePath(argument: string): Buffer {
  if (argument === '') throw new ProductError('bad-path', 'an empty path')
  const bytes = argumentBytes(argument)
  try {
    return normal(withoutUpwards(bytes[0] === 0x2f ? bytes : joined(realPath(Buffer.from('.')), bytes)))
  } catch (error) {
    throw pathError(error, bytes)
  }
}

/** What leads to, without any link, as bytes. Throws errno errors. */
export function realPath(place: Buffer): Buffer {
  // Node's other form takes text only.
  return realpathSync.native(place, { encoding: 'buffer' })
}

/** Why a path cannot be used, as ProductError `not-found`, `no-permission`, ... with the path as detail. */
export function pathError(error: unknown, bytes: Buffer): ProductError {
  const errno = errnoOf(error)
  const code = errno === 'ENOENT' || errno === 'ENOTDIR' ? 'not-found' : codeOf(asProductError(error))
  return new ProductError(code, unambiguousText(bytes), { cause: error })
}

/** A path of an argument as the engine takes it. Throws as `absolutePath`. */
export function namedPath(argument: string): FilePath {
  return toFilePath(absolutePath(argument))
}

/** The bytes of an argument of `givenArguments`. */
export function argumentBytes(argument: string): Buffer {
  // With `u`, the halves of whole pairs are not among these.
  const parts = argument.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 1 ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part))),
  )
}

function ownCommandLine(): Buffer {
  return readFileSync('/proc/self/cmdline')
}

function textOf(bytes: Buffer): string {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    texts.push(length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length))
    at += Math.max(1, length)
  }
  return texts.join('')
}

function withoutUpwards(place: Buffer): Buffer {
  const [upwards] = /^.*\/\.\.(?=\/|$)/s.exec(place.toString('latin1')) ?? []
  if (upwards === undefined) return place
  return joined(realPath(place.subarray(0, upwards.length)), place.subarray(upwards.length))
}

function joined(folder: Buffer, rest: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), rest])
}

function normal(bytes: Buffer): Buffer {
  const text = path.posix.normalize(bytes.toString('latin1'))
  return Buffer.from(text.length > 1 ? text.replace(/\/$/, '') : text, 'latin1')
}
