import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeWithSevenZip } from '../unpack/testing/archives.ts'
import { findCarried } from './carried.ts'
import { carryingParts } from './carrying-parts.ts'
import { isCutElf } from './elf.ts'

const program = readFileSync('/bin/ls')

it('an archive behind a real program is found where it begins (32)', async () => {
  const archive = await makeWithSevenZip(['-t7z'], { a: Buffer.from('content') })
  const whole = Buffer.concat([program, archive])
  const place = { at: program.length, end: whole.length }
  expect(findCarried(whole, 'elf')).toEqual({
    carried: [{ format: '7z', ...place, isCertain: true, isWhole: false, isBehindSeen: true }],
    isCut: false,
  })
  expect(findCarried(program, 'elf')).toEqual({ carried: [], isCut: false })
})

it('programs of the system end where their file ends', () => {
  const folder = '/usr/bin'
  const programs = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
    .map((path) => readFileSync(path))
    .filter((bytes) => bytes.length > 64 && bytes.readUInt32LE(0) === 0x464c457f)
  const rests = programs.map((bytes) =>
    carryingParts(bytes, 'elf').reduce((sum, { start, end }) => sum + end - start, 0),
  )
  expect(programs.length).toBeGreaterThan(50)
  expect(programs.filter((bytes) => isCutElf(bytes))).toEqual([])
  expect(rests.filter((rest) => rest > 0).length).toBeLessThan(programs.length / 10)
})

it('a program for Linux that ends too early is told by its list of sections, else by its segments', () => {
  expect(isCutElf(program.subarray(0, -1))).toBe(true)
  const stripped = Buffer.from(program)
  stripped.writeBigUInt64LE(0n, 40)
  expect(isCutElf(stripped)).toBe(false)
  expect(isCutElf(stripped.subarray(0, stripped.length / 2))).toBe(true)
  for (let length = 0; length < 200; length += 1) isCutElf(stripped.subarray(0, length))
})

it('resources and what follows the last section of a Windows program may carry; damaged ones anywhere', () => {
  const pe = Buffer.alloc(4096)
  pe.write('MZ')
  pe.writeUInt32LE(0x80, 0x3c)
  pe.write('PE\0\0', 0x80)
  pe.writeUInt16LE(2, 0x86)
  const section = (index: number, name: string, offset: number, size: number): void => {
    const at = 0x98 + index * 40
    pe.write(name, at)
    pe.writeUInt32LE(size, at + 16)
    pe.writeUInt32LE(offset, at + 20)
  }
  section(0, '.text', 512, 512)
  section(1, '.rsrc', 1024, 1024)
  expect(carryingParts(pe, 'pe')).toEqual([
    { start: 1024, end: 2048 },
    { start: 2048, end: 4096 },
  ])
  expect(carryingParts(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'pe')).toEqual([{ start: 1, end: 102 }])
  const damaged = Buffer.from(program)
  damaged.writeUInt16LE(0xffff, 60)
  expect(carryingParts(damaged, 'elf')).toEqual([{ start: 1, end: damaged.length }])
})
