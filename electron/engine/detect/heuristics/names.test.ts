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
  ['invoice.pdf.exe ', 'pe'],
  ['invoice.pdf.exe.', 'pe'],
  ['invoice.pdf\u200d\u2060.exe', 'pe'],
  ['photo.webp.\u3164scr', 'pe'],
  ['Message.eml.scr', 'pe'],
  ['Holiday\u2800\u2800\u2800\u2800\u2800\u2800\u2800\u2800.exe', 'pe'],
] as const)('a program called "%s" is suspected', (name, format) => {
  expect(ask(name, format)).toEqual(['Heuristic.Name.DoubleExtension probably-infected'])
})

it('a script for Windows behind a document extension is risky', () => {
  expect(ask('scan.pdf.vbs', 'text')).toEqual(['Heuristic.Name.DoubleExtension risky'])
})

const said = (name: string, text: string, depth = 0): string[] => {
  const bytes = Buffer.from(text)
  const subject = { bytes, sha256: Buffer.alloc(32), format: 'text' as const, name, path: `/x/${name}`, depth }
  return suspicionsOf(subject).map(({ threat, verdict }) => `${threat} ${verdict}`)
}

it('a starter of a desktop behind a document extension is risky', () => {
  const starter = '[Desktop Entry]\nType=Application\nExec=sh -c true\n'
  expect(said('report.pdf.desktop', starter)).toEqual(['Heuristic.Name.DoubleExtension risky'])
  expect(said('org.example.Viewer.desktop', starter)).toEqual([])
  expect(said('report.pdf.desktop', 'a text')).toEqual([])
})

it('a script for the host of Windows behind a document extension is risky, unlike one of a build tool', () => {
  const script = 'var s = new ActiveXObject("Scripting.FileSystemObject");'
  expect(said('invoice.pdf.js', script, 1)).toEqual(['Heuristic.Name.DoubleExtension risky'])
  expect(said('invoice.pdf.js', 'export const a = 1', 1)).toEqual([])
})

it('a reversed name is suspected on a program, not on a text', () => {
  expect(ask('invoice\u202efdp.exe', 'pe')).toEqual(['Heuristic.Name.RightToLeftOverride probably-infected'])
  expect(ask('note\u202eabc.txt', 'text')).toEqual([])
  expect(ask('photo\u2067gpj.scr', 'pe')).toEqual(['Heuristic.Name.RightToLeftOverride probably-infected'])
  expect(ask('photo\u202egpj.scr ', 'data')).toEqual(['Heuristic.Name.RightToLeftOverride probably-infected'])
  expect(ask('\u200f\u05d0\u05d1.exe', 'pe')).toEqual([])
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
  ['Example.Pdf.dll', 'pe'],
  ['MimeTools.Html.dll', 'pe'],
] as const)('the name %s is ordinary', (name, format) => expect(ask(name, format, 1)).toEqual([]))
