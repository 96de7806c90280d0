// What the scanner lets be remembered: only files that were looked at wholly, with nothing found and nothing left out.
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eicar, Lab } from '../detect/testing/lab.ts'
import { makeZip } from '../unpack/testing/archives.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.dispose())

async function isRemembered(content: Buffer | string, databases?: Record<string, string>): Promise<boolean> {
  const scanner = await lab.scanner(databases)
  const result = await scanner.scanFile(lab.file('f', content))
  return result.kind === 'nothing-found' && result.seen !== undefined
}

describe('remembered (67)', () => {
  it('is a file with nothing found in all of it', async () => {
    expect(await isRemembered('text')).toBe(true)
    expect(await isRemembered(makeZip([{ name: 'a', data: Buffer.from('a') }]))).toBe(true)
  })

  it('is never one in which something was found', async () => {
    expect(await isRemembered(eicar)).toBe(false)
  })

  it('is never a partial result', async () => {
    const zip = makeZip([{ name: 'a', data: Buffer.alloc(1000, 'a') }])
    expect(await isRemembered(zip.subarray(0, zip.length - 30))).toBe(false)
    expect(await isRemembered(Buffer.concat([Buffer.from('377abcaf271c', 'hex'), Buffer.alloc(60)]))).toBe(false)
  })

  it('is never a match that is only not reported, nor an error', async () => {
    const rule = 'rule Own { strings: $a = "needle" condition: $a }'
    expect(await isRemembered('a needle', { 'own.yar': rule, 'own.ign2': 'Own\n' })).toBe(false)
    const scanner = await lab.scanner()
    const result = await scanner.scanFile(Buffer.from(`${lab.dir}/missing`))
    expect(result.kind).toBe('not-scanned')
  })

  it('is who was read: the stat of the descriptor, not of the path afterwards', async () => {
    const scanner = await lab.scanner()
    const path = lab.file('g', 'one')
    const result = await scanner.scanFile(path)
    if (result.kind !== 'nothing-found' || result.seen === undefined) throw new Error('not remembered')
    writeFileSync(path, 'another')
    expect(result.seen.file.size).toBe(3n)
  })
})
