// The signed manifest of a feed: one file, so that putting it in place publishes a whole version at once. The first line has
// the key and the signature, the rest is JSON. Never believes a byte of the JSON before its signature fits a trusted key.
import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { Sha256, Timestamp } from '#shared/domain/primitives.ts'
import { ProductError } from '#shared/errors.ts'
import { kindOf } from '../database-folder.ts'
import { KeyId, keyIdOf, type TrustedKeys } from './feed-keys.ts'

/** Name of the manifest in a feed, and beside the files of an installed version. */
export const manifestName = 'feed'
/** Bounds that hold before anything is believed. */
export const mostManifestBytes = 1024 * 1024
const mostFileBytes = 256 * 1024 * 1024
const mostSetBytes = 512 * 1024 * 1024
const mostFiles = 200
export const mostDiffs = 60

const format = 1
/** SECURITY: signed along, so that no signature which was made for something else fits a manifest. */
const context = Buffer.from('remote-protection feed manifest 1\n')
const longestFirstLine = 200

export const FeedVersion = z.number().int().min(1).max(1_000_000_000)
const Size = z.number().int().nonnegative().max(mostFileBytes)
/** SECURITY: names become files in folders of ours. Flat, and nothing in them means anything to a file system. */
const flatName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/
const ObjectName = z.string().regex(flatName)
const DatabaseName = z
  .string()
  .max(100)
  .regex(flatName)
  .refine((name) => kindOf(name) !== undefined, 'not a kind of database')

/** A file of the feed as it is transported: gzip. */
const Packed = z.strictObject({ name: ObjectName, size: Size, sha256: Sha256 })
export type Packed = z.infer<typeof Packed>
/** A file as it is installed, and where it comes from as a whole. */
const FeedFile = z.strictObject({ name: DatabaseName, size: Size, sha256: Sha256, packed: Packed })
export type FeedFile = z.infer<typeof FeedFile>
/** A script that leads from the version before `to` to `to`; `size` is that of the unpacked script. */
const FeedDiff = z.strictObject({ to: FeedVersion, size: Size, packed: Packed })
export type FeedDiff = z.infer<typeof FeedDiff>

export const FeedManifest = z
  .strictObject({
    version: FeedVersion,
    builtAt: Timestamp,
    /** After that nobody installs it any more; what is installed stays in use. */
    expiresAt: Timestamp,
    /** The whole set. */
    files: z.array(FeedFile).min(1).max(mostFiles),
    /** One after the other, the last one leads to this version. */
    diffs: z.array(FeedDiff).max(mostDiffs),
  })
  .refine(({ builtAt, expiresAt }) => Date.parse(builtAt) < Date.parse(expiresAt), 'expired when it was built')
  .refine(({ files }) => new Set(files.map(({ name }) => name.toLowerCase())).size === files.length, 'a name twice')
  .refine(({ files }) => files.reduce((sum, { size }) => sum + size, 0) <= mostSetBytes, 'too large')
  .refine(
    ({ version, diffs }) => diffs.every(({ to }, at) => to === version - diffs.length + 1 + at && to > 1),
    'diffs that do not follow each other',
  )
export type FeedManifest = z.infer<typeof FeedManifest>

export interface SignedManifest {
  readonly manifest: FeedManifest
  /** Which key signed it. */
  readonly key: KeyId
  /** Of the JSON: two manifests with the same one say the same. */
  readonly sha256: string
  /** The file. */
  readonly bytes: Buffer
}

/** The file of a manifest, signed. Throws when the manifest is none: a fault of whoever made it. */
export function signManifest(manifest: FeedManifest, key: KeyObject): Buffer {
  const body = Buffer.from(`${JSON.stringify(FeedManifest.parse(manifest), null, 1)}\n`)
  const signature = sign(null, Buffer.concat([context, body]), key).toString('base64')
  return Buffer.concat([Buffer.from(`remote-protection-feed ${format} ${keyIdOf(key)} ${signature}\n`), body])
}

/**
 * Checks the signature, then reads. Throws ProductError `update-signature` (no or a wrong signature, a key that is not
 * trusted), `update-unusable` (a newer format), `update-damaged` (signed, but no manifest).
 */
export function readManifest(bytes: Buffer, keys: TrustedKeys): SignedManifest {
  const { keyId, signature, body } = parts(bytes)
  const key = keys.get(keyId)
  if (key === undefined) throw new ProductError('update-signature', `the key ${keyId} is not trusted`)
  if (!verify(null, Buffer.concat([context, body]), key, signature)) throw new ProductError('update-signature')
  return signed(bytes, keyId, body)
}

/** The manifest of a version that was checked when it was installed. Throws the same, except for signature and key. */
export function readInstalledManifest(bytes: Buffer): SignedManifest {
  const { keyId, body } = parts(bytes)
  return signed(bytes, keyId, body)
}

function parts(bytes: Buffer): { readonly keyId: KeyId; readonly signature: Buffer; readonly body: Buffer } {
  const end = bytes.subarray(0, longestFirstLine).indexOf(0x0a)
  const line = bytes.subarray(0, Math.max(0, end)).toString('latin1')
  const [, numbered, rest = ''] = /^remote-protection-feed (\d{1,6}) (.*)$/.exec(line) ?? []
  if (numbered === undefined) throw new ProductError('update-signature', 'not the manifest of a feed')
  if (Number(numbered) !== format) throw new ProductError('update-unusable', `format ${numbered} of a newer product`)
  const [, id, signature = ''] = /^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)$/.exec(rest) ?? []
  const keyId = KeyId.safeParse(id)
  if (!keyId.success) throw new ProductError('update-signature', 'no signature')
  return { keyId: keyId.data, signature: Buffer.from(signature, 'base64'), body: bytes.subarray(end + 1) }
}

function signed(bytes: Buffer, key: KeyId, body: Buffer): SignedManifest {
  try {
    const manifest = FeedManifest.parse(JSON.parse(body.toString('utf8')))
    return { manifest, key, sha256: createHash('sha256').update(body).digest('hex'), bytes }
  } catch (cause) {
    throw new ProductError('update-damaged', 'manifest', { cause })
  }
}
