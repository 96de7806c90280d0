import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { derParts } from './der.ts'
import { detachedSignature } from './detached-signature.ts'
import { signedDataProblem } from './signed-data.ts'
import { type CertificateOptions, digestOf, makeHolder, signDigest, signText } from './testing/detached.ts'

const folder = mkdtempSync(join(tmpdir(), 'detached-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const now = new Date('2026-11-01')
const digest = digestOf(Buffer.from('a container'))
const root = makeHolder('Root', { isAuthority: true })
const between = makeHolder('Between', { isAuthority: true, issuer: root })
const signer = makeHolder('Signer', { issuer: between })
const trust = { roots: [root.certificate], now }
const good = signDigest(digest, signer, { others: [between] })

describe('a signature is good', () => {
  it('by a signer whose certificate leads to a root', () => {
    expect(signedDataProblem(good, digest, trust)).toBeNull()
    expect(signedDataProblem(signDigest(digest, makeHolder('Direct', { issuer: root })), digest, trust)).toBeNull()
  })

  it('with RSA too', () => {
    const rsa = makeHolder('RSA', { issuer: between, rsaBits: 2048 })
    expect(signedDataProblem(signDigest(digest, rsa, { others: [between] }), digest, trust)).toBeNull()
  })

  it('with its own root among its certificates, which changes nothing', () => {
    const all = signDigest(digest, signer, { others: [between, root] })
    expect(signedDataProblem(all, digest, trust)).toBeNull()
    expect(signedDataProblem(all, digest, { ...trust, roots: [] })).toBe('its certificate leads to no known root')
  })
})

describe('a signature is refused', () => {
  it('for another content', () => {
    expect(signedDataProblem(good, digestOf(Buffer.from('another')), trust)).toBe('it is of another content')
  })

  it('by somebody of the same names under another root', () => {
    const otherRoot = makeHolder('Root', { isAuthority: true })
    const other = makeHolder('Signer', { issuer: otherRoot })
    const forged = signDigest(digest, other, { others: [otherRoot] })
    expect(signedDataProblem(forged, digest, trust)).toBe('its certificate leads to no known root')
  })

  it('when any bit of it is another', () => {
    // In what is not signed and says nothing (the list of digests, unused fields) a change may be harmless; never a good end for another content.
    const problems = Array.from({ length: Math.floor(good.length / 5) }, (_, at) => {
      const changed = Buffer.from(good)
      changed[at * 5] = (changed[at * 5] ?? 0) ^ 1
      return signedDataProblem(changed, digest, trust)
    })
    expect(problems.filter((problem) => problem === null).length).toBeLessThan(10)
    for (let length = 0; length < good.length; length += 13)
      expect(signedDataProblem(good.subarray(0, length), digest, trust)).toBe('it is malformed')
  })

  it.each<[string, Parameters<typeof signDigest>[2]]>([
    ['it is over other attributes', { changeAttributes: (bytes) => Buffer.concat([bytes, bytes]) }],
    ['it says nothing of a digest', { withAttributes: false }],
    ['it is of another type', { contentType: '1.2.840.113549.1.7.2' }],
    ['it is over SHA-1', { digest: '1.3.14.3.2.26' }],
    ['its certificate is missing', { withOwn: false }],
    ['what is between is missing', { others: [] }],
  ])('when %s', (_, options) => {
    expect(
      signedDataProblem(signDigest(digest, signer, { others: [between], ...options }), digest, trust),
    ).not.toBeNull()
  })

  it.each<[string, CertificateOptions]>([
    ['is over', { until: new Date('2026-10-01') }],
    ['is for servers only', { purposes: ['1.3.6.1.5.5.7.3.1'] }],
    ['may not sign data', { usage: 0x20 }],
    ['has a condition that is not known here', { critical: '2.5.29.30' }],
    ['has a weak key', { rsaBits: 1024 }],
  ])('when the certificate of its signer %s', (_, options) => {
    const one = makeHolder('Signer', { issuer: between, ...options })
    expect(signedDataProblem(signDigest(digest, one, { others: [between] }), digest, trust)).not.toBeNull()
  })

  it.each<[string, CertificateOptions]>([
    ['is none of an authority', { isAuthority: false }],
    ['is over', { isAuthority: true, until: new Date('2026-10-01') }],
    ['may not sign certificates', { isAuthority: true, usage: 0x80 }],
    ['is for servers only', { isAuthority: true, purposes: ['1.3.6.1.5.5.7.3.1'] }],
  ])('when the certificate between %s', (_, options) => {
    const middle = makeHolder('Middle', { issuer: root, ...options })
    const one = makeHolder('Signer', { issuer: middle })
    expect(signedDataProblem(signDigest(digest, one, { others: [middle] }), digest, trust)).not.toBeNull()
  })

  it('when there are more certificates between than one of them allows, or than anybody needs', () => {
    const first = makeHolder('First', { isAuthority: true, issuer: root, pathLength: 0 })
    const second = makeHolder('Second', { isAuthority: true, issuer: first })
    const one = makeHolder('Signer', { issuer: second })
    expect(signedDataProblem(signDigest(digest, one, { others: [first, second] }), digest, trust)).not.toBeNull()
    const long = [between]
    for (let at = 0; at < 6; at += 1)
      long.push(makeHolder(`L${at}`, { isAuthority: true, issuer: long.at(-1) ?? root }))
    const last = makeHolder('Signer', { issuer: long.at(-1) ?? root })
    expect(signedDataProblem(signDigest(digest, last, { others: long }), digest, trust)).not.toBeNull()
  })
})

describe('the file beside a container', () => {
  const sha256 = digest.toString('hex')
  const ask = (text: string, roots = [root.certificate]) => {
    writeFileSync(join(folder, 'main-62.cvd.sign'), text)
    return detachedSignature({ path: join(folder, 'main.cvd'), version: 62, sha256 }, roots, now)
  }

  it('is for this version and level; what nobody here can check says nothing', () => {
    expect(ask(signText(good))).toBe('good')
    expect(ask(`#clamsign-1.0\n# a comment\n\n${signText(good).split('\n')[1]}\n`)).toBe('good')
    expect(detachedSignature({ path: join(folder, 'main.cvd'), version: 61, sha256 }, trust.roots, now)).toBe('missing')
    expect(ask(signText(good), [])).toBe('not-checked')
    expect(ask(signText(good, '999:'))).toBe('not-checked')
    expect(ask(signText(good, ':100'))).toBe('not-checked')
    expect(ask(signText(good).replace('1.0', '2.0'))).toBe('not-checked')
  })

  it('is final when it is wrong', () => {
    const wrong = signDigest(digestOf(Buffer.from('another')), signer, { others: [between] })
    const refused = { refused: 'its detached signature is refused: it is of another content' }
    expect(ask(signText(wrong))).toEqual(refused)
    expect(ask(signText(wrong) + signText(good))).toEqual(refused)
    expect(ask(signText(Buffer.from('nothing')))).toEqual({
      refused: 'its detached signature is refused: it is malformed',
    })
  })
})

it('takes no other form of a length than the shortest', () => {
  expect(derParts(Buffer.from([4, 1, 7, 4, 0])).map(({ content }) => content.length)).toEqual([1, 0])
  for (const bytes of [[4, 0x81, 1, 7], [4, 0x80, 0, 0], [4, 2, 1], [0x1f, 1, 1], [4, 0x85, 1, 1, 1, 1, 1], [4]])
    expect(() => derParts(Buffer.from(bytes))).toThrow()
})
