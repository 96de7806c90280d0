import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { smallElf, smallPe } from '../../databases/clamav/testing/programs.ts'
import { mutated } from '../../fuzz/testing/mutate.ts'
import { createRandom } from '../../fuzz/testing/random.ts'
import { isWholeProgram } from './program-check.ts'

const elf = smallElf(Buffer.alloc(400, 'code'), 0x60)
const pe = smallPe([{ address: 0x1000, content: Buffer.alloc(700, 'code') }], 0x1010)

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE(value, at)
  return copy
}

it('takes whole programs for whole', () => {
  expect(isWholeProgram(elf, 'elf')).toBe(true)
  expect(isWholeProgram(pe, 'pe')).toBe(true)
  // A real one, of this computer.
  expect(isWholeProgram(readFileSync(process.execPath), 'elf')).toBe(process.platform === 'linux')
})

it('takes nothing for whole that is cut, starts nowhere, or is something else', () => {
  const wrong: [Buffer, 'elf' | 'pe'][] = [
    [elf, 'pe'],
    [pe, 'elf'],
    [elf.subarray(0, elf.length - 1), 'elf'],
    [pe.subarray(0, pe.length - 1), 'pe'],
    [changed(elf, 24, 0x100), 'elf'],
    [changed(pe, 0xa8, 0x9900), 'pe'],
    [changed(elf, 28, 0xffff), 'elf'],
    [changed(pe, 0x3c, 0xffff), 'pe'],
    [Buffer.from('a text'), 'elf'],
    [Buffer.alloc(0), 'pe'],
  ]
  for (const [bytes, format] of wrong) expect(isWholeProgram(bytes, format)).toBe(false)
})

it('never throws for changed programs (fixed seeds)', () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const random = createRandom('program-check', seed)
    const bytes = mutated(random.pick([elf, pe]), random, {
      tokens: [Buffer.from('7f454c46020201', 'hex')],
      others: [elf, pe],
      mostBytes: 5000,
    })
    isWholeProgram(bytes, random.pick(['elf', 'pe'] as const))
  }
})
