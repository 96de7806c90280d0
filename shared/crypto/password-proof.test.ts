import { hkdfSync, pbkdf2Sync, randomBytes, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { derivePasswordKeys, fromBase64, proofIterations, type SubtleLike, toBase64 } from './password-proof.ts'

const subtle = webcrypto.subtle as unknown as SubtleLike
const salt = new Uint8Array(16).fill(7)

describe('password proof', () => {
  it('is what an independent implementation of the same definition gives', async () => {
    const keys = await derivePasswordKeys(subtle, 'Correct horse 1', salt)
    const master = pbkdf2Sync('Correct horse 1', salt, proofIterations, 32, 'sha256')
    const expected = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'proof/v1', 32))
    expect(keys.proof).toBe(expected.toString('base64'))
    expect(Buffer.from(keys.seal).equals(Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'seal/v1', 32)))).toBe(
      true,
    )
  })

  it('is the same for the same letters written in another Unicode form', async () => {
    const composed = await derivePasswordKeys(subtle, 'Pässword1', salt)
    const decomposed = await derivePasswordKeys(subtle, 'Pa\u0308ssword1', salt)
    expect(composed.proof).toBe(decomposed.proof)
  })

  it('differs with another salt', async () => {
    const one = await derivePasswordKeys(subtle, 'Passw0rd', salt)
    const two = await derivePasswordKeys(subtle, 'Passw0rd', new Uint8Array(16).fill(8))
    expect(one.proof).not.toBe(two.proof)
  })
})

describe('base64', () => {
  it('writes and reads what Node does, at every length', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = new Uint8Array(randomBytes(length))
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(Buffer.from(fromBase64(toBase64(bytes))).equals(Buffer.from(bytes))).toBe(true)
    }
  })

  it('refuses what is not base64', () => {
    for (const text of ['a', 'ab', 'abc', 'ab=c', '====', 'a b=', 'ab\n='])
      expect(() => fromBase64(text)).toThrow(RangeError)
  })
})
