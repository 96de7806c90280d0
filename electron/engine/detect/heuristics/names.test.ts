import { expect, it } from 'vitest'
import type { Format } from '../../identify/identify.ts'
import { suspicionsOf } from './heuristics.ts'

const ask = (name: string, format: Format, depth = 0): string[] =>
  suspicionsOf({ bytes: Buffer.alloc(64), sha256: Buffer.alloc(32), format, name, path: `/x/${name}`, depth }).map(
    ({ threat, verdict }) => `${threat} ${verdict}`,
  )

it.each([
  ['invoice.pdf.exe', 'pe'],
  ['invoice.pdf                              .exe', 'pe'],
  ['Holiday          .scr', 'pe'],
  ['report.docx.sh', 'script'],
  ['mail/photo.jpg.com', 'pe'],
] as const)('a program called "%s" is suspected', (name, format) => {
  expect(ask(name, format)).toEqual(['Heuristic.Name.DoubleExtension probably-infected'])
})

it('a script for Windows behind a document extension is risky', () => {
  expect(ask('scan.pdf.vbs', 'text')).toEqual(['Heuristic.Name.DoubleExtension risky'])
})

it('a reversed name is suspected on a program, not on a text', () => {
  expect(ask('invoice\u202efdp.exe', 'pe')).toEqual(['Heuristic.Name.RightToLeftOverride probably-infected'])
  expect(ask('note\u202eabc.txt', 'text')).toEqual([])
})

it('a program with the name of a picture is suspected inside of an archive', () => {
  expect(ask('photo.jpg', 'pe', 1)).toEqual(['Heuristic.Name.DisguisedProgram probably-infected'])
  expect(ask('photo.jpg', 'image', 1)).toEqual([])
})

it.each([
  ['foo.tar.gz', 'gz'],
  ['libx.so.1.2', 'elf'],
  ['jquery.min.js', 'text'],
  ['1.0.exe', 'pe'],
  ['Setup 2.1.3.exe', 'pe'],
  ['page.html.js', 'text'],
  ['converter.pdf.py', 'script'],
  ['readme.txt', 'text'],
  ['pdf.exe', 'pe'],
] as const)('the name %s is ordinary', (name, format) => expect(ask(name, format, 1)).toEqual([]))
