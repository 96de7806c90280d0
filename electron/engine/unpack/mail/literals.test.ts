import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallElf } from '../../databases/clamav/testing/programs.ts'
import { eicar, found, infectedMarker, Lab, missed } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeZip } from '../testing/archives.ts'
import { makeActiveMime } from './testing/encoded.ts'

const lab = new Lab()
let scanner: Scanner
let hasty: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
  hasty = await lab.scanner(undefined, { timeMs: 1000 })
})
afterAll(() => lab.dispose())

const scan = (text: string, by = scanner) => by.scanFile(lab.file('text', Buffer.from(text, 'latin1')))
const zip = makeZip([{ name: 'bad.com', data: eicar }])
const letters = zip.toString('base64')
const cut = (length: number, between: string, text = letters) =>
  (text.match(new RegExp(`.{1,${length}}`, 'g')) ?? []).join(between)

describe('a file that a text carries in base64 is looked at, whatever the text is (33)', () => {
  it.each<[string, string]>([
    ['a script that makes it', `<html><script>var b=atob("${letters}");save(new Blob([b]))</script></html>`],
    ['joined pieces', `<html><script>var b=atob("${cut(20, '" +\r\n    "')}")</script></html>`],
    ['a list of pieces', `var b = ['${cut(30, "', '")}'].join('')\n`],
    ['pieces of Visual Basic', `x = "${cut(40, '" & _\r\n  "')}"\r\n`],
    ['a line that goes on', `b = "${cut(40, '\\\n')}"\n`],
    ['line ends that are written out', `{"a": "${cut(76, '\\r\\n')}"}\n`],
    ['escaped slashes', `{"a": "${letters.replaceAll('/', '\\/')}"}\n`],
    ['an address in a style', `a { background: url(data:application/zip;base64,${letters}) }\n`],
    ['nothing but itself', `${cut(70, '\n')}\n`],
    ['a list of a directory', `dn: cn=x\njpegPhoto:: ${cut(70, '\n ')}\n`],
    [
      'flat Office',
      `<?xml version="1.0"?><pkg:package><pkg:binaryData>${cut(76, '\r\n')}</pkg:binaryData></pkg:package>`,
    ],
    ['flat OpenDocument', `<?xml version="1.0"?><office:binary-data>\n   ${cut(72, '\n   ')}</office:binary-data>`],
    ['a calendar', `BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;X-N="a:b":${cut(70, '\r\n ')}\r\nEND:VCALENDAR\r\n`],
    ['an address card', `BEGIN:VCARD\r\nKEY;TYPE=X;ENCODING=B:${cut(70, '\r\n ')}\r\nEND:VCARD\r\n`],
  ])('%s', async (_, text) => {
    const result = await scan(text)
    expect(found(result)).toEqual([expect.stringMatching(/^(?:base64|data)-1[.a-z]*!bad\.com!EICAR-Test-File$/)])
    expect(missed(result)).toEqual([])
  })

  it('words behind it are none of it', async () => {
    const text = `BEGIN:VCARD\r\nKEY;ENCODING=B:${eicar.toString('base64')}\r\nEND:VCARD\r\n`
    expect(found(await scan(text))).toEqual(['base64-1!EICAR-Test-File'])
    const element = `<?xml?><w:binData w:name="a">${eicar.toString('base64')}</w:binData>`
    expect(found(await scan(element))).toEqual(['base64-1!EICAR-Test-File'])
  })

  it('a program too', async () => {
    const program = smallElf(infectedMarker, 0x54).toString('base64')
    expect(found(await scan(`import base64\nx = b"${program}"\n`))).toEqual(['base64-1!RemoteProtection_Test_Infected'])
  })

  it('the macros of documents that are saved as XML or as a page', async () => {
    const macros = makeActiveMime(zip)
    expect(found(await scan(macros.toString('latin1')))).toEqual(['macros!bad.com!EICAR-Test-File'])
    const text = `<?xml?><w:binData w:name="editdata.mso">${cut(76, '\n', macros.toString('base64'))}</w:binData>`
    expect(found(await scan(text))).toEqual(['base64-1!macros!bad.com!EICAR-Test-File'])
    expect(missed(await scan(macros.subarray(0, macros.length - 40).toString('latin1')))).toContain('macros!truncated')
    expect(missed(await scan(macros.subarray(0, 50).toString('latin1')))).toEqual(['truncated'])
  })
})

it.each<[string, string]>([
  ['the mark alone', 'const zipMark = "UEsDBBQABgAIAAAAIQ"\n'],
  ['the beginning of one', `const example = "${letters.slice(0, 120)}"\n`],
  ['words that begin like one', `${'TVpoints TVrAq UmFyIRow H4sIgn '.repeat(20)}\n`],
  ['other data', `const font = "${deflateSync(Buffer.alloc(900, 'glyph')).toString('base64').repeat(4)}"\n`],
  ['letters in the middle of others', `x = "AAAA${letters}"\n`],
])('%s is no file', async (_, text) => {
  const result = await scan(text)
  expect([found(result), missed(result), result.objects]).toEqual([[], [], 1])
})

it.each<[string, string]>([
  ['marks', 'UEsDB"+"'.repeat(400_000)],
  ['elements', '<w:binData>'.repeat(300_000)],
  ['elements that do not end', '<w:binData '.repeat(300_000)],
  ['pieces', `"UEsDBBQA${'"+"A'.repeat(700_000)}`],
  ['lines of a card', `BEGIN:VCARD\n${'ATTACH;ENCODING=B;'.repeat(100_000)}`],
])('a text of nothing but %s ends within the time', async (_, text) => {
  const started = process.cpuUsage()
  await scan(text, hasty)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(4000)
})

describe('a page whose address is written with references is read like browsers read it (33)', () => {
  const whole = `data:application/zip;base64,${letters}`
  const coded = (text: string, form: (code: number) => string) =>
    [...text].map((letter) => form(letter.charCodeAt(0))).join('')
  it.each<[string, string]>([
    ['names', whole.replace(':', '&colon;').replace(',', '&comma;').replace(';', '&semi;')],
    ['a number', whole.replace('d', '&#100;')],
    ['numbers for everything', coded(whole, (code) => `&#x${code.toString(16)};`)],
    ['numbers with zeros and without an end', coded(whole.slice(0, 5), (code) => `&#00${code}`) + whole.slice(5)],
    ['a line end between', whole.replace('ta:', '&NewLine;t&Tab;a:')],
  ])('%s', async (_, address) => {
    const result = await scan(`<html><body><a href="${address}">x</a></body></html>`)
    expect(found(result).join()).toContain('bad.com!EICAR-Test-File')
    expect(missed(result)).toEqual([])
  })

  it('a quote that is written so does not end it', async () => {
    const text = `data:text/html,<a title=&#34;x&#34;>${eicar.toString('latin1').replace('%', '%25')}`
    const result = await scan(`<html><iframe src='${text.replace(/[<>]/g, (c) => `&#${c.charCodeAt(0)};`)}'></html>`)
    expect(result.objects).toBe(2)
  })
})
