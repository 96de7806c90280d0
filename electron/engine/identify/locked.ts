// Contents that are locked as a whole: encrypted disks, files and messages. Told by marks that are long enough, or by numbers
// behind them, so that nothing else is called one. Never tries to open anything.
// Sources: LUKS 1 and 2, RFC 9580 (OpenPGP), the age format, openssl enc, Ansible Vault, BitLocker, encrypted images of macOS.
import { type Content, sourceOf } from '../files/byte-source.ts'
import type { Format } from './identify.ts'
import { pkcs7Kind } from './pkcs7-head.ts'

const marks: readonly (readonly [at: number, mark: Buffer])[] = [
  ...['LUKS\xba\xbe', 'SKUL\xba\xbe', 'Salted__', 'U2FsdGVkX1', 'encrcdsa', '$ANSIBLE_VAULT;'].map(begin),
  ...['age-encryption.org/v1\n', '-----BEGIN AGE ENCRYPTED FILE-----'].map(begin),
  [3, Buffer.from('-FVE-FS-')],
]
const headBytes = 64 * 1024
const armor = /^-----BEGIN PGP MESSAGE-----[ \t]*\r?$/gm
/** Behind the mark: fields, then an empty line. */
const armorFields = /^[^\n]*\n(?:[A-Za-z]+: [^\n]*\n)*(?:[ \t\r]*\n)?/

/** True for a content that no other format was seen in, or that says so in its head. Reads its beginning only. */
export function isLocked(content: Content, format: Format): boolean {
  if (format !== 'data' && format !== 'text' && format !== 'pkcs7') return false
  const head = sourceOf(content).read(0, headBytes)
  if (format === 'pkcs7') return pkcs7Kind(head) === 'locked'
  if (marks.some(([at, mark]) => head.subarray(at, at + mark.length).equals(mark))) return true
  if (format === 'data' && isLockedPgp(head)) return true
  return armoredMessages(head).some(({ isFirst, packets }) => isFirst || isLockedPgp(packets))
}

/** True for the text of a mail in which a message of OpenPGP begins: careful people wrap nothing else. */
export function holdsArmor(text: Buffer): boolean {
  if (!text.includes('-----BEGIN PGP MESSAGE-----')) return false
  return armoredMessages(text.subarray(0, 4 * headBytes)).length > 0
}

function armoredMessages(bytes: Buffer): { readonly isFirst: boolean; readonly packets: Buffer }[] {
  if (!bytes.includes('-----BEGIN PGP MESSAGE-----')) return []
  const text = bytes.toString('latin1')
  return [...text.matchAll(armor)].slice(0, mostMessages).map(({ index }) => {
    const behind = text.slice(index, index + armoredBytes)
    const from = armorFields.exec(behind)?.[0].length ?? 0
    return { isFirst: text.slice(0, index).trim() === '', packets: Buffer.from(behind.slice(from), 'base64') }
  })
}

const mostMessages = 16
const armoredBytes = 16 * 1024

const [publicKeyed, passwordKeyed, marker] = [1, 3, 10]
const encryptedData: ReadonlySet<number> = new Set([9, 18, 20])
const publicMethods: ReadonlySet<number> = new Set([1, 2, 16, 18, 20, 25, 26])
const waysToKeys: ReadonlySet<number> = new Set([0, 1, 3, 4])
const mostKeys = 100

/** Keys of a session, locked for somebody each, then the data that is locked with it. */
function isLockedPgp(bytes: Buffer): boolean {
  let keys = 0
  for (let at = 0; keys <= mostKeys; ) {
    const packet = packetAt(bytes, at)
    if (packet === null) return false
    const { tag, bodyAt, end } = packet
    if (encryptedData.has(tag)) return keys > 0
    const isKey = isKeyPacket(tag, bytes.subarray(bodyAt, bodyAt + 12))
    if (!isKey && tag !== marker) return false
    if (isKey) keys += 1
    at = end
    // More people than are looked at.
    if (at >= bytes.length) return keys > 1 && bytes.length >= headBytes
  }
  return true
}

/** For somebody (version, eight bytes of who, a method) or for whoever knows a password (version, cipher, how it is made a key). */
function isKeyPacket(tag: number, body: Buffer): boolean {
  const [version = 0, cipher = 0, way = 0] = body
  if (tag === publicKeyed) return version === 6 || (version === 3 && publicMethods.has(body[9] ?? 0))
  if (tag !== passwordKeyed) return false
  return version === 5 || version === 6 || (version === 4 && cipher > 0 && cipher < 14 && waysToKeys.has(way))
}

interface Packet {
  readonly tag: number
  readonly bodyAt: number
  readonly end: number
}

function packetAt(bytes: Buffer, at: number): Packet | null {
  const first = bytes[at] ?? 0
  if (first < 0x80 || at + 6 > bytes.length) return null
  if ((first & 0x40) === 0) {
    const width = [1, 2, 4, 0][first & 3] ?? 0
    const bodyAt = at + 1 + width
    const end = width === 0 ? bytes.length : bodyAt + bytes.readUIntBE(at + 1, width)
    return { tag: (first >> 2) & 15, bodyAt, end }
  }
  const tag = first & 63
  const length = bytes[at + 1] ?? 0
  if (length < 192) return { tag, bodyAt: at + 2, end: at + 2 + length }
  if (length < 224) return { tag, bodyAt: at + 3, end: at + 3 + ((length - 192) << 8) + (bytes[at + 2] ?? 0) + 192 }
  // The length of a first piece.
  if (length < 255) return { tag, bodyAt: at + 2, end: at + 2 + 2 ** (length & 31) }
  return { tag, bodyAt: at + 6, end: at + 6 + bytes.readUInt32BE(at + 2) }
}

function begin(text: string): readonly [number, Buffer] {
  return [0, Buffer.from(text, 'latin1')]
}
