import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { identify } from '../../identify/identify.ts'
import { suspicionsOf } from './heuristics.ts'
import { elf, link, program } from './testing/programs.ts'

const j = (...parts: string[]): string => parts.join('')

function ask(bytes: Buffer, path = '/home/x/file'): string[] {
  const subject = { bytes, sha256: Buffer.alloc(32), format: identify(bytes), name: 'file', path, depth: 0 }
  return suspicionsOf(subject).map(({ threat, verdict }) => `${threat} ${verdict}`)
}

it('a shortcut that starts a script host with hidden commands is suspected', () => {
  const threat = ['Heuristic.Link.ScriptHost probably-infected']
  const host = `..\\System32\\${j('power', 'shell')}.exe`
  expect(ask(link(host, `-enc ${'QQBB'.repeat(20)}`))).toEqual(threat)
  expect(ask(link('..\\mshta.exe', j('http', '://example.invalid/a.hta')))).toEqual(threat)
  expect(ask(link('..\\cmd.exe', `/c ${' '.repeat(300)}start x`))).toEqual(threat)
})

it.each([
  ['the shortest option', `-nop -w 1 -ec ${'QQBB'.repeat(20)}`],
  ['a part of the option', `-NoP -Encod ${'QQBB'.repeat(20)}`],
  ['another dash', `\u2013enc ${'QQBB'.repeat(20)}`],
  ['carets in words', `/c p^o^w^ers^hell -e^nc ${'QQBB'.repeat(20)}`],
  ['a window that is hidden by a part of the word', `-windowst hid -f C:\\x\\a.ps1`],
  ['a server that is reached like a page', `/c start \\\\192.0.2.1@80\\share\\a.exe`],
  ['what it carries itself', `/c findstr "x" "invoice.pdf.lnk" > %temp%\\a.vbs & wscript %temp%\\a.vbs`],
])('a shortcut to a host is suspected for %s', (_, given) => {
  const host = given.startsWith('/c') ? '%comspec%' : `..\\System32\\${j('power', 'shell')}.exe`
  expect(ask(link(host, given))).toEqual(['Heuristic.Link.ScriptHost probably-infected'])
})

it.each([
  ['..\\System32\\cmd.exe', '"/K" C:\\Users\\x\\miniconda3\\Scripts\\activate.bat C:\\Users\\x\\miniconda3'],
  [
    `..\\${j('power', 'shell')}.exe`,
    `-ExecutionPolicy ByPass -NoExit -Command "& 'C:\\x\\conda-hook.ps1' ; conda activate 'C:\\x' "`,
  ],
  [`..\\${j('power', 'shell')}.exe`, '-noe -c "&{Import-Module "C:\\VS\\DevShell.dll"; Enter-VsDevShell 1234abcd}"'],
  ['..\\rundll32.exe', 'printui.dll,PrintUIEntry /in /n \\\\server\\printer'],
  ['%comspec%', '/k ""C:\\Program Files\\VS\\VsDevCmd.bat""'],
  ['..\\msiexec.exe', '/i "C:\\Installers\\tool.msi" /qb'],
])('the shortcut %s %s is ordinary', (host, given) => expect(ask(link(host, given))).toEqual([]))

it('an ordinary shortcut is not, nor one that is cut off', () => {
  expect(ask(link('..\\Program Files\\Editor\\editor.exe', '--new-window'))).toEqual([])
  expect(ask(link('..\\cmd.exe', '/k "C:\\Tools\\setvars.bat"'))).toEqual([])
  const whole = link('..\\cmd.exe', `/c ${' '.repeat(300)}start x`)
  for (let length = 0; length < whole.length; length += 7) ask(whole.subarray(0, length))
})

const packed = Buffer.concat(
  Array.from({ length: 256 }, (_, index) => createHash('sha512').update(`${index}`).digest()),
)
const code = 0x60000020

it('a program that starts in packed code behind everything else is suspected', () => {
  const sections = [
    { flags: code, address: 0x1000, data: Buffer.alloc(4096) },
    { flags: 0xe0000020, address: 0x8000, data: packed },
  ]
  expect(ask(program(0x8010, sections))).toEqual(['Heuristic.Pe.Anomalies probably-infected'])
  expect(ask(program(0x20_0000, sections))).toEqual(['Heuristic.Pe.Anomalies probably-infected'])
})

it('a program that is packed without the mark of a packer is suspected', () => {
  const resources = { flags: 0x40000040, address: 0x2_0000, data: Buffer.alloc(2048, 'menu') }
  const room = { flags: 0xe0000080, address: 0x1000, data: Buffer.alloc(0), size: 0x7000 }
  const unpacking = { flags: 0xe0000040, address: 0x8000, data: packed }
  expect(ask(withImports(program(0x8010, [room, unpacking, resources])))).toEqual(['Heuristic.Pe.Anomalies risky'])
  // The same layout with code that can be read, and packed data beside such code.
  const readable = { ...unpacking, data: Buffer.alloc(packed.length, 'code that can be read; ') }
  expect(ask(withImports(program(0x8010, [room, readable, resources])))).toEqual([])
  const plain = { flags: code, address: 0x1000, data: Buffer.alloc(4096) }
  expect(ask(withImports(program(0x1010, [plain, { ...unpacking, flags: 0xc0000040 }, resources])))).toEqual([])
})

/** Says where its imports are; they are not read. */
function withImports(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(0x2_0000, 0x58 + 104)
  bytes.writeUInt32LE(40, 0x58 + 108)
  return bytes
}

it('ordinary programs, also with packed resources or cut off, are not', () => {
  const ordinary = program(0x1010, [
    { flags: code, address: 0x1000, data: Buffer.alloc(4096) },
    { flags: 0x40000040, address: 0x8000, data: packed },
  ])
  expect(ask(ordinary)).toEqual([])
  for (let length = 64; length < ordinary.length; length += 997) expect(ask(ordinary.subarray(0, length))).toEqual([])
})

it('a program in a folder for temporary files is suspected without sections, or by two other signs', () => {
  const threat = ['Heuristic.Elf.HiddenInTemporaryFolder risky']
  for (const folder of ['/tmp', '/tmp/a/b', '/var/tmp', '/dev/shm', '/run/user/1000', '/var/lock'])
    expect(ask(elf(5), `${folder}/x`)).toEqual(threat)
  expect(ask(elf(7, 200), '/dev/shm/.x')).toEqual(threat)
  expect(ask(bigEndian(), '/tmp/x')).toEqual(threat)
})

it('a program elsewhere is not, nor one as linkers write it', () => {
  expect(ask(elf(7), '/usr/bin/x')).toEqual([])
  expect(ask(elf(5), '/home/x/tmp/x')).toEqual([])
  expect(ask(elf(5, 200), '/tmp/x')).toEqual([])
  expect(ask(elf(5, 200), '/tmp/.x')).toEqual([])
  expect(ask(elf(7, 200), '/tmp/x')).toEqual([])
  for (let length = 0; length < 256; length += 5) ask(elf(5).subarray(0, length), '/tmp/x')
})

/** A 32-bit program of a processor that writes numbers the other way round. */
function bigEndian(): Buffer {
  const bytes = Buffer.alloc(256)
  Buffer.from('7f454c46010201', 'hex').copy(bytes)
  bytes.writeUInt16BE(2, 16)
  bytes.writeUInt32BE(0x40_0080, 24)
  bytes.writeUInt32BE(52, 28)
  bytes.writeUInt16BE(32, 42)
  bytes.writeUInt16BE(1, 44)
  bytes.writeUInt32BE(1, 52)
  bytes.writeUInt32BE(0x40_0000, 60)
  bytes.writeUInt32BE(256, 72)
  bytes.writeUInt32BE(5, 76)
  return bytes
}

it('a program with the strings of a miner is risky', () => {
  const strings = Buffer.from([j('stratum', '+tcp://'), '%s', j('donate', '-level')].join('\0'))
  expect(ask(Buffer.concat([elf(5), strings]))).toEqual(['Heuristic.Miner.Program risky'])
  // As it is in real ones: behind megabytes of code.
  expect(ask(Buffer.concat([elf(5), Buffer.alloc(5_000_000), strings]))).toEqual(['Heuristic.Miner.Program risky'])
  expect(ask(Buffer.concat([elf(5), Buffer.from('randomx donate-level')]))).toEqual([])
})
