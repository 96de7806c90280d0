// Checks a detached PKCS#7 signature (CMS SignedData) over content whose SHA-256 is known, up to given root certificates.
// Asks for what OpenSSL's own check asks for, and takes fewer algorithms. Never trusts a root that came with the signature.
// Source: RFC 5652; RFC 5280 for the certificates.
import { verify, X509Certificate } from 'node:crypto'
import { type DerPart, derInside, derParts, derTag, oidText } from './der.ts'

export interface Trust {
  readonly roots: readonly X509Certificate[]
  readonly now: Date
}

const oid = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  emailProtection: '1.3.6.1.5.5.7.3.4',
}
/** RSA (PKCS #1 v1.5) and ECDSA, both over SHA-256. */
const algorithms: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.1',
  '1.2.840.113549.1.1.11',
  '1.2.840.10045.4.3.2',
])
const known: ReadonlySet<string> = new Set([oid.keyUsage, oid.basicConstraints, oid.extendedKeyUsage])
const context = { certificates: 0xa0, attributes: 0xa0, version: 0xa0, revoked: 0xa1, extensions: 0xa3 }
const [mostSigners, mostCertificates, longestChain] = [4, 16, 4]
const [signsData, signsCertificates] = [0x80, 0x04]
const leastRsaBits = 2048

/** Null when every signer's signature is good; else why not. */
export function signedDataProblem(der: Buffer, sha256: Buffer, trust: Trust): string | null {
  try {
    const { certificates, signers } = readSignedData(der)
    for (const signer of signers) {
      const problem = signerProblem(signer, sha256, certificates, trust)
      if (problem !== null) return problem
    }
    return null
  } catch {
    return 'it is malformed'
  }
}

function readSignedData(der: Buffer): { certificates: X509Certificate[]; signers: DerPart[] } {
  const [type, explicit] = derInside(derParts(der)[0], derTag.sequence)
  if (oidText(type) !== oid.signedData) throw new Error('another type')
  const [, , content, ...rest] = derInside(derInside(explicit, context.certificates)[0], derTag.sequence)
  const inner = derInside(content, derTag.sequence)
  if (oidText(inner[0]) !== oid.data || inner.length > 1) throw new Error('not detached')
  const certificates = derInside(
    rest.find(({ tag }) => tag === context.certificates),
    context.certificates,
  )
  const signers = derInside(
    rest.find(({ tag }) => tag === derTag.set),
    derTag.set,
  )
  if (certificates.length > mostCertificates || signers.length === 0 || signers.length > mostSigners)
    throw new Error('too many parts')
  return { certificates: certificates.map(({ bytes }) => new X509Certificate(bytes)), signers }
}

function signerProblem(
  signer: DerPart,
  sha256: Buffer,
  certificates: readonly X509Certificate[],
  trust: Trust,
): string | null {
  const [, identifier, digest, attributes, algorithm, signature] = derInside(signer, derTag.sequence)
  if (oidText(derInside(digest, derTag.sequence)[0]) !== oid.sha256) return 'it is not over SHA-256'
  if (!algorithms.has(oidText(derInside(algorithm, derTag.sequence)[0]))) return 'its algorithm is not supported'
  const [issuer, serial] = derInside(identifier, derTag.sequence)
  const certificate = certificates.find((each) => isOf(each, issuer, serial))
  if (certificate === undefined || signature === undefined) return 'its certificate is missing'
  if (!saysDigest(derInside(attributes, context.attributes), sha256)) return 'it is of another content'
  // Signed as what it is, a set; in its place it has the tag of that place.
  const signed = Buffer.from(attributes?.bytes ?? [])
  signed[0] = derTag.set
  if (!verify('sha256', signed, certificate.publicKey, signature.content)) return 'it is wrong'
  return chainProblem(certificate, certificates, trust)
}

/** True when the signed attributes name this digest, and nothing else, as that of plain data. */
function saysDigest(attributes: readonly DerPart[], sha256: Buffer): boolean {
  const values = (wanted: string): DerPart[] =>
    attributes.flatMap((attribute) => {
      const [type, set] = derInside(attribute, derTag.sequence)
      return oidText(type) === wanted ? derInside(set, derTag.set) : []
    })
  const [types, digests] = [values(oid.contentType), values(oid.messageDigest)]
  return (
    types.length === 1 &&
    oidText(types[0]) === oid.data &&
    digests.length === 1 &&
    digests[0]?.content.equals(sha256) === true
  )
}

function isOf(certificate: X509Certificate, issuer: DerPart | undefined, serial: DerPart | undefined): boolean {
  const [ownSerial, , ownIssuer] = fieldsOf(certificate)
  return (
    issuer !== undefined &&
    serial !== undefined &&
    ownIssuer?.bytes.equals(issuer.bytes) === true &&
    ownSerial?.bytes.equals(serial.bytes) === true
  )
}

/** Of a certificate: serial number, algorithm, issuer, validity, subject, key, extensions. */
function fieldsOf(certificate: X509Certificate): DerPart[] {
  const fields = derInside(derInside(derParts(certificate.raw)[0], derTag.sequence)[0], derTag.sequence)
  return fields[0]?.tag === context.version ? fields.slice(1) : fields
}

function chainProblem(
  signer: X509Certificate,
  others: readonly X509Certificate[],
  { roots, now }: Trust,
): string | null {
  let below = signer
  if (!mayDo(below, signsData, now)) return 'its certificate is not for this'
  for (let depth = 0; depth < longestChain; depth += 1) {
    const root = roots.find((each) => issued(each, below))
    // The first certificates had no extensions to say what they are for: as a root such a one is trusted for what it is.
    const isOld = root !== undefined && extensionsOf(root).size === 0
    if (root !== undefined && (isOld ? mayDo(root, signsCertificates, now) : mayIssue(root, depth, now))) return null
    if (root !== undefined) return 'its root may not sign it'
    const issuer = others.find((each) => each !== below && issued(each, below))
    if (issuer === undefined) break
    if (!mayIssue(issuer, depth, now)) return 'a certificate above its own may not sign it'
    below = issuer
  }
  return 'its certificate leads to no known root'
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** `depth`: certificates between this one and the signer's. */
function mayIssue(issuer: X509Certificate, depth: number, now: Date): boolean {
  if (!issuer.ca || !mayDo(issuer, signsCertificates, now)) return false
  const most = derParts(extensionsOf(issuer).get(oid.basicConstraints) ?? Buffer.alloc(0))
    .flatMap(({ content }) => derParts(content))
    .find(({ tag }) => tag === derTag.integer)
  return most === undefined || (most.content.length === 1 && depth <= most.content.readUInt8(0))
}

/** By its times, its key and what its issuer allows it; not by who issued it. */
function mayDo(certificate: X509Certificate, usage: number, now: Date): boolean {
  const { validFrom, validTo, publicKey, keyUsage: purposes } = certificate
  if (!(now >= new Date(validFrom) && now <= new Date(validTo))) return false
  const bits = publicKey.asymmetricKeyDetails?.modulusLength
  if (publicKey.asymmetricKeyType !== 'ec' && (bits === undefined || bits < leastRsaBits)) return false
  const usages = derParts(extensionsOf(certificate).get(oid.keyUsage) ?? Buffer.alloc(0))[0]
  if (usages !== undefined && ((usages.content[1] ?? 0) & usage) === 0) return false
  // The purpose that OpenSSL asks for by default, and ClamAV with it.
  return purposes === undefined || purposes.includes(oid.emailProtection)
}

/** Throws for a critical one that is not understood here. */
function extensionsOf(certificate: X509Certificate): Map<string, Buffer> {
  const field = fieldsOf(certificate).find(({ tag }) => tag === context.extensions)
  const list = field === undefined ? [] : derInside(derParts(field.content)[0], derTag.sequence)
  return new Map(
    list.map((extension) => {
      const [id, ...rest] = derInside(extension, derTag.sequence)
      const name = oidText(id)
      const isCritical = rest[0]?.tag === derTag.boolean && rest[0].content[0] !== 0
      if (isCritical && !known.has(name)) throw new Error('a critical extension')
      return [name, rest.at(-1)?.content ?? Buffer.alloc(0)]
    }),
  )
}
