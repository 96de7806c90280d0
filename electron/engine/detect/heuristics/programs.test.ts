import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { identify } from '../../identify/identify.ts'
import { suspicionsOf } from './heuristics.ts'

const j = (...parts: string[]): string => parts.join('')

function ask(bytes: Buffer, path = '/home/x/file'): string[] {
  const subject = { bytes, sha256: Buffer.alloc(32), format: identify(bytes), name: 'file', path, depth: 0 }
  return suspicionsOf(subject).map(({ threat, verdict }) => `${threat} ${verdict}`)
}

function link(program: string, given: string): Buffer {
  const header = Buffer.alloc(0x4c)
  header.writeUInt32LE(0x4c)
  Buffer.from('0114020000000000c000000000000046', 'hex').copy(header, 4)
  header.writeUInt32LE(8 | 32 | 128, 20)
  const text = (value: string): Buffer => {
    const length = Buffer.alloc(2)
    length.writeUInt16LE(value.length)
    return Buffer.concat([length, Buffer.from(value, 'utf16le')])
  }
  return Buffer.concat([header, text(program), text(given), Buffer.alloc(4)])
}

it('a shortcut that starts a script host with hidden commands is suspected', () => {
  const threat = ['Heuristic.Link.ScriptHost probably-infected']
  const host = `..\\System32\\${j('power', 'shell')}.exe`
  expect(ask(link(host, `-enc ${'QQBB'.repeat(20)}`))).toEqual(threat)
  expect(ask(link('..\\mshta.exe', j('http', '://example.invalid/a.hta')))).toEqual(threat)
  expect(ask(link('..\\cmd.exe', `/c ${' '.repeat(300)}start x`))).toEqual(threat)
})

it('an ordinary shortcut is not, nor one that is cut off', () => {
  expect(ask(link('..\\Program Files\\Editor\\editor.exe', '--new-window'))).toEqual([])
  expect(ask(link('..\\cmd.exe', '/k "C:\\Tools\\setvars.bat"'))).toEqual([])
  const whole = link('..\\cmd.exe', `/c ${' '.repeat(300)}start x`)
  for (let length = 0; length < whole.length; length += 7) ask(whole.subarray(0, length))
})

interface Section {
  readonly flags: number
  readonly address: number
  readonly data: Buffer
}

function program(entry: number, sections: readonly Section[]): Buffer {
  const head = Buffer.alloc(1024)
  head.write('MZ')
  head.writeUInt32LE(0x40, 0x3c)
  head.write('PE\0\0', 0x40, 'latin1')
  head.writeUInt16LE(0x14c, 0x44)
  head.writeUInt16LE(sections.length, 0x46)
  head.writeUInt16LE(0xe0, 0x54)
  head.writeUInt16LE(0x10b, 0x58)
  head.writeUInt32LE(entry, 0x68)
  head.writeUInt16LE(2, 0x58 + 68)
  let place = head.length
  sections.forEach(({ flags, address, data }, index) => {
    const at = 0x58 + 0xe0 + index * 40
    head.write(`.s${index}`, at)
    head.writeUInt32LE(data.length, at + 8)
    head.writeUInt32LE(address, at + 12)
    head.writeUInt32LE(data.length, at + 16)
    head.writeUInt32LE(place, at + 20)
    head.writeUInt32LE(flags, at + 36)
    place += data.length
  })
  return Buffer.concat([head, ...sections.map(({ data }) => data)])
}

const packed = Buffer.concat(
  Array.from({ length: 256 }, (_, index) => createHash('sha512').update(`${index}`).digest()),
)
const code = 0x60000020

it('a program that starts in packed code behind everything else is suspected', () => {
  const sections = [
    { flags: code, address: 0x1000, data: Buffer.alloc(4096) },
    { flags: 0xe0000020, address: 0x8000, data: packed },
  ]
  expect(ask(program(0x8010, sections))).toEqual(['Heuristic.Pe.Anomalies risky'])
  expect(ask(program(0x20_0000, sections))).toEqual(['Heuristic.Pe.Anomalies probably-infected'])
})

it('ordinary programs, also with packed resources or cut off, are not', () => {
  const ordinary = program(0x1010, [
    { flags: code, address: 0x1000, data: Buffer.alloc(4096) },
    { flags: 0x40000040, address: 0x8000, data: packed },
  ])
  expect(ask(ordinary)).toEqual([])
  for (let length = 64; length < ordinary.length; length += 997) expect(ask(ordinary.subarray(0, length))).toEqual([])
})

function elf(flags: number): Buffer {
  const bytes = Buffer.alloc(256)
  Buffer.from('7f454c46020101', 'hex').copy(bytes)
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeBigUInt64LE(0x400080n, 24)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64)
  bytes.writeUInt32LE(flags, 68)
  bytes.writeBigUInt64LE(0x400000n, 80)
  bytes.writeBigUInt64LE(256n, 104)
  return bytes
}

it('a program without sections is suspected when it is hidden in a folder for temporary files', () => {
  const threat = ['Heuristic.Elf.HiddenInTemporaryFolder risky']
  expect(ask(elf(5), '/tmp/.x')).toEqual(threat)
  expect(ask(elf(7), '/dev/shm/x')).toEqual(threat)
  expect(ask(elf(5), '/tmp/x')).toEqual([])
  expect(ask(elf(7), '/usr/bin/x')).toEqual([])
})

it('a program with the strings of a miner is risky', () => {
  const strings = Buffer.from([j('stratum', '+tcp://'), '%s', j('donate', '-level')].join('\0'))
  expect(ask(Buffer.concat([elf(5), strings]))).toEqual(['Heuristic.Miner.Program risky'])
})
