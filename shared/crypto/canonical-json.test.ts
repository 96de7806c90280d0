import { describe, expect, it } from 'vitest'
import { canonicalJson, signedBytes } from './canonical-json.ts'

describe('canonical JSON', () => {
  it('gives the same text whatever the order of the keys', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'x'] })).toBe('{"a":[true,null,"x"],"b":1}')
    expect(canonicalJson({ a: [true, null, 'x'], b: 1 })).toBe(canonicalJson({ b: 1, a: [true, null, 'x'] }))
  })

  it('sorts keys by UTF-16 units and writes numbers as ECMAScript does (RFC 8785, 3.2.2 and 3.2.3)', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u0080': 5, ö: 6, '😀': 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":5,"ö":6,"€":1,"😀":7,"\ufb33":3}',
    )
    expect(canonicalJson([333333333.3333333, 1e30, 4.5, 0.002, 1e-27])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27]',
    )
  })

  it('leaves out what is undefined and refuses what JSON cannot carry', () => {
    expect(canonicalJson({ a: undefined, b: 2 })).toBe('{"b":2}')
    expect(() => canonicalJson(Number.NaN)).toThrow('bad-request')
    expect(() => canonicalJson('\ud800')).toThrow('bad-request')
  })

  it('puts the prefix before what is signed, so that one purpose cannot be used for another', () => {
    expect(new TextDecoder().decode(signedBytes('x/v1', { a: 1 }))).toBe('x/v1\n{"a":1}')
  })
})
