// Database containers as tests need them: well signed with keys of their own, or wrong in one place.
import { createHash, generatePrimeSync, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ContainerKeys } from '../container-signature.ts'

interface SigningKey {
  readonly modulus: bigint
  readonly exponent: bigint
  readonly secret: bigint
}

export interface SigningKeys {
  readonly body: SigningKey
  readonly info: SigningKey
  /** What verifies them. */
  readonly public: ContainerKeys
}

export interface TarEntry {
  readonly name: string
  readonly content: Buffer
  /** Type flag; `0` is a plain file. */
  readonly type?: string
}

export interface ContainerOptions {
  readonly version?: number
  /** Changes the text of the list of files before it is signed. */
  readonly changeInfo?: (text: string) => string
  /** Changes the entries of the archive after the list was made. */
  readonly changeEntries?: (entries: TarEntry[]) => TarEntry[]
}

const digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'

/** The modulus for lists has 2047 bits, as ClamAV's has. */
export function makeKeys(): SigningKeys {
  const body = makeKey(512, 512)
  const info = makeKey(1024, 1023)
  return { body, info, public: { body, info } }
}

function makeKey(...bits: [number, number]): SigningKey {
  const exponent = 65_537n
  for (;;) {
    const [p, q] = bits.map((size) => generatePrimeSync(size, { bigint: true })) as [bigint, bigint]
    const order = (p - 1n) * (q - 1n)
    if (p !== q && order % exponent !== 0n) return { modulus: p * q, exponent, secret: inverse(exponent, order) }
  }
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

function encoded(value: bigint): string {
  let text = ''
  for (let rest = value; rest > 0n; rest >>= 6n) text += digits[Number(rest & 63n)] ?? ''
  return text
}

/** Always with the highest bit that the encoding may have: the case that only half of all signatures have. */
export function signInfo(text: string, { modulus, secret }: SigningKey): string {
  const message = createHash('sha256').update(text, 'latin1').digest()
  for (;;) {
    const salt = randomBytes(32)
    const seed = createHash('sha256').update(Buffer.alloc(8)).update(message).update(salt).digest()
    const block = Buffer.concat([Buffer.alloc(190), Buffer.from([1]), salt])
    for (let at = 0; at < block.length; at += 1) block[at] = (block[at] ?? 0) ^ maskByte(seed, at)
    block[0] = (block[0] ?? 0) & 0x7f
    const value = BigInt(`0x${Buffer.concat([block, seed, Buffer.from([0xbc])]).toString('hex')}`)
    if (value < modulus && ((block[0] ?? 0) & 0x40) !== 0) return encoded(power(value, secret, modulus))
  }
}

function maskByte(seed: Buffer, at: number): number {
  const counter = Buffer.from([0, 0, 0, Math.floor(at / 32)])
  return createHash('sha256').update(seed).update(counter).digest()[at % 32] ?? 0
}

export function makeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content, type = '0' }) => {
    const head = Buffer.alloc(512)
    head.write(name, 0, 'latin1')
    head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    head.write(type, 156, 'latin1')
    head.write('ustar\x0000', 257, 'latin1')
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** `kind` cvd: compressed, both signatures; cld: plain, only the list signed; cud: compressed, nothing signed. */
export function makeContainer(
  kind: 'cvd' | 'cld' | 'cud',
  files: Readonly<Record<string, string | Buffer>>,
  keys: SigningKeys,
  options: ContainerOptions = {},
): Buffer {
  const contents = Object.entries(files).map(([name, text]): TarEntry => ({ name, content: Buffer.from(text) }))
  const fields = (md5: string, signature: string): string => {
    return `ClamAV-VDB:22 Nov 2026 09-30 +0000:${options.version ?? 7}:2:90:${md5}:${signature}:tester:1795339800`
  }
  const rows = contents.map(({ name, content }) => {
    return `${name}:${content.length}:${createHash('sha256').update(content).digest('hex')}\n`
  })
  const listed = `${fields('X', 'X')}\n${rows.join('')}`
  const text = options.changeInfo?.(listed) ?? listed
  const info = kind === 'cud' ? text : `${text}DSIG:${signInfo(text, keys.info)}\n`
  const entries = [
    { name: 'COPYING', content: Buffer.from('Terms.\n') },
    { name: 'test.info', content: Buffer.from(info, 'latin1') },
    ...contents,
  ]
  const tar = makeTar(options.changeEntries?.(entries) ?? entries)
  const body = kind === 'cld' ? tar : gzipSync(tar)
  const md5 = createHash('md5').update(body).digest('hex')
  const signature = kind === 'cvd' ? encoded(power(BigInt(`0x${md5}`), keys.body.secret, keys.body.modulus)) : 'X'
  const header = Buffer.from(fields(kind === 'cvd' ? md5 : 'X', signature).padEnd(512, ' '), 'latin1')
  return Buffer.concat([header, body])
}
