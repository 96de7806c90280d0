// The two signatures of ClamAV's database containers: the old one over the body, and the one over the list of files inside.
// Owns the keys they are checked with. Never reads a file, never decides what a missing signature means.
import { createHash, type X509Certificate } from 'node:crypto'

/** One RSA public key, as numbers. */
export interface ContainerKey {
  readonly modulus: bigint
  readonly exponent: bigint
}

export interface ContainerKeys {
  /** Signs the MD5 of a container's body, without padding. */
  readonly body: ContainerKey
  /** Signs the list of files (`.info`): RSASSA-PSS with SHA-256 and a salt of 32 bytes, 2048 bits. */
  readonly info: ContainerKey
  /** What detached signatures lead to. */
  readonly roots?: () => readonly X509Certificate[]
}

/** ClamAV's own keys, as its library has them (`dsig.c`, `readdb.c`; the same in 0.100 to 1.4). */
export const clamavKeys: ContainerKeys = {
  body: {
    modulus: BigInt(
      '118640995551645342603070001658453189751527774412027743746599405743243142607464144767361060640655844749760788890' +
        '0222834249227624889175655510024677711096695981894104346990345322322286215910895081785914284562207968416216371' +
        '75567590476666928698770143328137383952820383197532047771780196576957695822641224262693037',
    ),
    exponent: 100_001_027n,
  },
  info: {
    modulus: BigInt(
      '110888949830485454736595561066271949239289417917950476205916586974135810433227159121724968065253810558809645206' +
        '1840022433332053466029923398375534174067950286682990967995573439139266837836122152420539663109010515164127085' +
        '7277080310734320951653700508941717419168723942507890702904702707587451621691050754307850383399865346487203798' +
        '4641785373922114027864813598244611972311028954150937703942166663244845939357624084685168266331921408266679234' +
        '9482204580534780993284845484588697170642436055866786277587607205943770336538020910169773857751547693508546945' +
        '5279994113145977994084618328482151013142393373316337519977244732747977',
    ),
    exponent: 100_002_049n,
  },
}

const digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'
const mostDigits = 700
const encodedBytes = 256
const digestBytes = 32
const saltBytes = 32
const blockBytes = encodedBytes - digestBytes - 1

/** True when `signature` (digits of 6 bits, the lowest first) is that of a body with this MD5 (hexadecimal). */
export function verifiesBody(md5: string, signature: string, { modulus, exponent }: ContainerKey): boolean {
  const value = numberOf(signature)
  if (value === null || value >= modulus || !/^[0-9a-f]{32}$/.test(md5)) return false
  return power(value, exponent, modulus) === BigInt(`0x${md5}`)
}

/**
 * True when `signature` (same digits) is that of these bytes. Encoded as RSASSA-PSS (RFC 8017, 9.1) for 2048 bits, also where
 * the modulus has one bit less, as ClamAV's has: a general library clears one bit more and then refuses half of all signatures.
 */
export function verifiesInfo(signed: Buffer, signature: string, { modulus, exponent }: ContainerKey): boolean {
  const value = numberOf(signature)
  if (value === null || value >= modulus) return false
  const encoded = bytesOf(power(value, exponent, modulus), encodedBytes)
  if (encoded.length !== encodedBytes || encoded[encodedBytes - 1] !== 0xbc) return false
  const digest = encoded.subarray(blockBytes, blockBytes + digestBytes)
  const block = maskOf(digest).map((byte, at) => byte ^ (encoded[at] ?? 0))
  block[0] = (block[0] ?? 0) & 0x7f
  const saltAt = blockBytes - saltBytes
  if (block.findIndex((byte) => byte !== 0) !== saltAt - 1 || block[saltAt - 1] !== 1) return false
  const message = createHash('sha256').update(signed).digest()
  const expected = createHash('sha256').update(Buffer.alloc(8)).update(message).update(block.subarray(saltAt)).digest()
  return expected.equals(digest)
}

/** MGF1 with SHA-256. */
function maskOf(seed: Buffer): Buffer {
  const rounds = Array.from({ length: Math.ceil(blockBytes / digestBytes) }, (_, round) =>
    createHash('sha256')
      .update(seed)
      .update(Buffer.from([0, 0, round >> 8, round & 0xff]))
      .digest(),
  )
  return Buffer.concat(rounds).subarray(0, blockBytes)
}

/** Null when it is not made of the digits, or is far too long. */
function numberOf(text: string): bigint | null {
  if (text.length === 0 || text.length > mostDigits) return null
  let value = 0n
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const digit = digits.indexOf(text[at] ?? '')
    if (digit === -1) return null
    value = (value << 6n) | BigInt(digit)
  }
  return value
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** Big-endian, of at least `size` bytes. */
function bytesOf(value: bigint, size = 0): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(Math.max(size * 2, hex.length + (hex.length % 2)), '0'), 'hex')
}
