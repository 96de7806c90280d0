import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { makeBinhex } from '../unpack/mail/testing/encoded.ts'
import { makeTar, makeZip } from '../unpack/testing/archives.ts'
import { hasAppendedZip, identify } from './identify.ts'
import { isPackedProgram } from './packer.ts'
import { unopenedReason } from './unopened.ts'

const data = Buffer.from('content')
const oldTar = makeTar([{ name: 'a', data }])
oldTar.fill(0, 257, 265)
oldTar.write('        ', 148)
oldTar.write(
  `${oldTar
    .subarray(0, 512)
    .reduce((sum, byte) => sum + byte, 0)
    .toString(8)
    .padStart(6, '0')}\0 `,
  148,
)

/** Its maker took the characters of the name for signed numbers. */
const signedTar = Buffer.from(oldTar)
signedTar.write('\xe4\xfc', 0, 'latin1')
signedTar.write('        ', 148)
const signedSum = signedTar.subarray(0, 512).reduce((sum, byte) => sum + (byte > 127 ? byte - 256 : byte), 0)
signedTar.write(`${signedSum.toString(8).padStart(6, '0')}\0 `, 148)

it.each([
  ['empty', Buffer.alloc(0)],
  ['zip', makeZip([{ name: 'a', data }])],
  ['zip', makeZip([])],
  ['ooxml', makeZip([{ name: '[Content_Types].xml', data }])],
  ['jar', makeZip([{ name: 'META-INF/MANIFEST.MF', data }])],
  ['tar', makeTar([{ name: 'a', data }])],
  ['tar', oldTar],
  ['tar', signedTar],
  ['gz', gzipSync(data)],
  ['elf', Buffer.from('\x7fELF\x02\x01', 'latin1')],
  ['pe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)])],
  ['text', Buffer.from('MZ is how this sentence begins')],
  ['text', Buffer.from('BZh is no archive')],
  ['pdf', Buffer.from('\n%PDF-1.7\n')],
  ['script', Buffer.from('#!/bin/sh\necho')],
  ['mail', Buffer.from('From: a@b\r\nMIME-Version: 1.0\r\n\r\nhello')],
  ['mail', Buffer.from('From a@b Mon Jan  1 00:00:00 2026\nSubject: x\n\nhello')],
  ['uuencode', Buffer.from('some words\nbegin 644 name\n#0V%T\n')],
  ['uuencode', Buffer.from('begin-base64 644 name\r\nQUJD\r\n')],
  ['uuencode', Buffer.from('begin 644 empty\n`\nend\n')],
  ['text', Buffer.from('some words\nbegin 644 name\nand others\nbegin 644 a\nLike These\n')],
  ['binhex', Buffer.from(makeBinhex('name', Buffer.alloc(40)))],
  ['text', Buffer.from("if (text.includes('must be converted with BinHex')) return 'binhex'\n")],
  ['text', Buffer.from('(This file must be converted with BinHex 4.0)\n:')],
  ['html', Buffer.from('\n<!DOCTYPE html>\n<p>')],
  ['html', Buffer.from('<?xml version="1.0"?>\n<svg viewBox="0">')],
  ['rtf', Buffer.from('{\\rtf1 hello}')],
  ['sis', Buffer.from('00000000000000001904001000000000', 'hex')],
  ['tnef', Buffer.from('789f3e220000', 'hex')],
  ['text', Buffer.from('we begin 2026 with a sentence; a < b')],
  ['text', Buffer.from('name: value\nother: value\n')],
  ['text', Buffer.from('plain text, été')],
  ['data', Buffer.from([1, 2, 3, 0, 5])],
])('%s', (format, bytes) => {
  expect(identify(bytes)).toBe(format)
})

it('a ZIP behind anything is seen, a mark without a directory is not', () => {
  expect(hasAppendedZip(makeZip([{ name: 'a', data }], Buffer.from('something before')))).toBe(true)
  expect(hasAppendedZip(Buffer.concat([Buffer.from('x PK\x05\x06'), Buffer.alloc(40)]))).toBe(false)
})

it('packed programs are told by their sections, and damaged headers do no harm', () => {
  const pe = Buffer.alloc(1024)
  pe.write('MZ')
  pe.writeUInt32LE(0x80, 0x3c)
  pe.write('PE\0\0', 0x80)
  pe.writeUInt16LE(1, 0x86)
  pe.write('UPX0', 0x80 + 24)
  expect(isPackedProgram(pe, 'pe')).toBe(true)
  for (let at = 0; at < 64; at += 1) isPackedProgram(pe.subarray(0, 0x80 + at), 'pe')
  pe.writeUInt32LE(0xffffffff, 0x3c)
  expect(isPackedProgram(pe, 'pe')).toBe(false)
})

it('locked documents are told', () => {
  expect(unopenedReason(Buffer.from('%PDF-1.7 /Encrypt 5 0 R'), 'pdf')).toBe('encrypted')
  expect(unopenedReason(Buffer.from('%PDF-1.7'), 'pdf')).toBeNull()
})
