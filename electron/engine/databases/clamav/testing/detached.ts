// Certificates and detached signatures as tests need them: right, or wrong in one place. Used by tests only.
import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'

/** Somebody with a key and a certificate. */
export interface Holder {
  readonly name: string
  readonly key: KeyObject
  readonly certificate: X509Certificate
}

export interface CertificateOptions {
  readonly issuer?: Holder
  /** Default: EC, which is made in a moment. */
  readonly rsaBits?: number
  /** Default: that of a signer. */
  readonly isAuthority?: boolean
  readonly pathLength?: number
  /** Bits of the key usage; default: as fits. */
  readonly usage?: number
  /** Object identifiers; default: signing of code and of mail. */
  readonly purposes?: readonly string[] | null
  readonly critical?: string
  readonly until?: Date
}

export interface SignatureOptions {
  /** Certificates that are put in besides the signer's. */
  readonly others?: readonly Holder[]
  readonly withOwn?: boolean
  readonly contentType?: string
  readonly digest?: string
  /** Changes the signed attributes after they were signed. */
  readonly changeAttributes?: (attributes: Buffer) => Buffer
  readonly withAttributes?: boolean
}

const data = '1.2.840.113549.1.7.1'
const sha256 = '2.16.840.1.101.3.4.2.1'
const [codeSigning, emailProtection] = ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.4']
let serials = 1

export function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: Buffer[]): Buffer => der(0x31, ...parts)
const integer = (value: number): Buffer => der(2, Buffer.from(value > 0x7f ? [0, value] : [value]))
const octets = (content: Buffer): Buffer => der(4, content)

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return der(6, Buffer.from(bytes))
}

export function makeHolder(name: string, options: CertificateOptions = {}): Holder {
  const { publicKey, privateKey } =
    options.rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: options.rsaBits })
  const signer = options.issuer ?? { name, key: privateKey }
  const signed = sequence(
    der(0xa0, integer(2)),
    integer(serials++),
    algorithmOf(signer.key),
    nameOf(signer.name),
    sequence(time(new Date('2020-01-01')), time(options.until ?? new Date('2049-01-01'))),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(options))),
  )
  const signature = der(3, Buffer.from([0]), sign('sha256', signed, signer.key))
  const certificate = new X509Certificate(sequence(signed, algorithmOf(signer.key), signature))
  return { name, key: privateKey, certificate }
}

function extensions({ isAuthority = false, pathLength, usage, purposes, critical }: CertificateOptions): Buffer[] {
  const one = (id: string, value: Buffer, isCritical = true): Buffer =>
    sequence(oid(id), ...(isCritical ? [der(1, Buffer.from([0xff]))] : []), octets(value))
  const basic = isAuthority
    ? [der(1, Buffer.from([0xff])), ...(pathLength === undefined ? [] : [integer(pathLength)])]
    : []
  const list = purposes === undefined ? (isAuthority ? null : [codeSigning, emailProtection]) : purposes
  return [
    one('2.5.29.19', sequence(...basic)),
    one('2.5.29.15', der(3, Buffer.from([0, usage ?? (isAuthority ? 0x06 : 0x80)]))),
    ...(list === null ? [] : [one('2.5.29.37', sequence(...list.map(oid)))]),
    ...(critical === undefined ? [] : [one(critical, sequence())]),
  ]
}

function algorithmOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'ec') return sequence(oid('1.2.840.10045.4.3.2'))
  return sequence(oid('1.2.840.113549.1.1.11'), der(5))
}

function nameOf(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), der(12, Buffer.from(name)))))
}

function time(date: Date): Buffer {
  return der(23, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

/** SignedData over a content with this SHA-256, without the content. */
export function signDigest(digest: Buffer, signer: Holder, options: SignatureOptions = {}): Buffer {
  const attribute = (id: string, value: Buffer): Buffer => sequence(oid(id), set(value))
  const attributes = Buffer.concat([
    attribute('1.2.840.113549.1.9.3', oid(options.contentType ?? data)),
    attribute('1.2.840.113549.1.9.4', octets(digest)),
  ])
  const [serial, issuer] = idOf(signer.certificate)
  const shown = options.changeAttributes?.(Buffer.from(attributes)) ?? attributes
  const info = sequence(
    integer(1),
    sequence(issuer, serial),
    sequence(oid(options.digest ?? sha256)),
    ...(options.withAttributes === false ? [] : [der(0xa0, shown)]),
    algorithmOf(signer.key),
    octets(sign('sha256', set(attributes), signer.key)),
  )
  const certificates = [...(options.withOwn === false ? [] : [signer]), ...(options.others ?? [])]
  return sequence(
    oid('1.2.840.113549.1.7.2'),
    der(
      0xa0,
      sequence(
        integer(1),
        set(sequence(oid(sha256))),
        sequence(oid(data)),
        der(0xa0, ...certificates.map(({ certificate }) => certificate.raw)),
        set(info),
      ),
    ),
  )
}

/** Serial number and issuer as they stand in the certificate, which is one of ours. */
function idOf({ serialNumber, issuer }: X509Certificate): [Buffer, Buffer] {
  return [integer(Number.parseInt(serialNumber, 16)), nameOf(issuer.replace('CN=', ''))]
}

/** The text of a `.sign` file. */
export function signText(signature: Buffer, levels = '220:'): string {
  return `#clamsign-1.0\n${levels}:pkcs7-pem:${signature.toString('base64')}\n`
}

export function digestOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest()
}
