// The archives and compressed streams that the engine opens, each around the infected marker and some text.
// Made in memory and the same every time; never written to a disk by this module.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { infectedMarker } from '../../detect/testing/lab.ts'
import { makeTar, makeWithSevenZip, makeZip } from '../../unpack/testing/archives.ts'
import { makeChm } from '../../unpack/testing/chm.ts'
import { compressedFixtures } from '../../unpack/testing/compressed-fixtures.ts'
import { makeCpio } from '../../unpack/testing/cpio.ts'
import { makeAsar, makeCramfs, makeFlash, makeIntelHex, makeRawDisc } from '../../unpack/testing/more-archives.ts'
import { makeMsi } from '../../unpack/testing/msi.ts'
import { makeInstaller, makeNsis } from '../../unpack/testing/nsis.ts'
import {
  makeAr,
  makeIso,
  makeRar4,
  makeRar5,
  makeRpm,
  makeSzdd,
  makeXar,
  makeZstd,
} from '../../unpack/testing/plain-archives.ts'
import { makeQuineZip } from '../../unpack/testing/quine-zip.ts'
import { makeSparseTar, sparseKinds } from '../../unpack/testing/sparse-tar.ts'
import { makeZip64, withRar5Sums, withSevenZipSums, withTarSums } from './archive-makers.ts'
import { type Fixture, tokensOf } from './fixture.ts'
import { packedFixture } from './packed-fixtures.ts'

const words = Buffer.from('a text of some words that can be made shorter; '.repeat(20))
const noise = Buffer.concat([0, 1, 2, 3].map((part) => createHash('sha512').update(`${part}`).digest()))
export const members = [
  { name: 'bad.bin', data: infectedMarker },
  { name: 'folder/words.txt', data: words },
  { name: 'noise', data: noise },
]
const [marked] = members as [(typeof members)[number]]
const files = { 'bad.bin': infectedMarker, 'words.txt': words, noise }

const zipWords = tokensOf(
  ...['0x504b0304', '0x504b0102', '0x504b0506', '0x504b0708', '0x504b0606', '0x504b0607', '0x0100100000000000'],
  ...['0x08000800', '0x0100', '0x63000000', 'META-INF/', '[Content_Types].xml', '../', '/'],
)
const tarWords = tokensOf('ustar\x0000', 'ustar  \0', 'L', 'x', 'g', '12 path=a\n', '14 size=99\n', '1 ', '1\n', '\0\0')
const holesWords = [
  ...tarWords,
  ...tokensOf('S', 'GNU.sparse.size=', 'GNU.sparse.map=', '99999999999', '512,68', '0\n'),
]
const holes = { name: 'holes', size: 9000, pieces: [5, 600, 8000].map((at) => ({ at, data: infectedMarker })) }
const sevenZipWords = tokensOf(
  ...['0x377abcaf271c', '0x01', '0x0006', '0x0706', '0x030101', '0x21', '0x030401', '0x040108', '0x06f10701', '0x80'],
  ...['0x01fffffffe', '0x8000', '0x190a', '0x5d00001000'],
)
const lzmaWords = tokensOf('0xfd377a585a00', '0x595a', '0x5d00008000', '0xffffffffffffffff', '0x2101', '0x0101')

const lz4Words = tokensOf(
  '0x04224d18',
  '0x02214c18',
  '0x502a4d1804000000',
  '0xffff',
  '0x00000080',
  '0x0100',
  '0x00000000',
)
const skipped = Buffer.from('512a4d180400000000000000', 'hex')

/** All of them. */
export async function archiveFixtures(): Promise<Fixture[]> {
  return [...zips(), ...tars(), ...(await bySevenZip()), ...streams(), ...others(), ...cpios(), ...installers()]
}

function archive(name: string, bytes: Buffer, tokens: readonly Buffer[], finish?: Fixture['finish']): Fixture {
  const fixture = { name, group: 'archives', bytes, tokens } as const
  return finish === undefined ? fixture : { ...fixture, finish }
}

function zips(): Fixture[] {
  const stored = makeZip(members.map((member) => ({ ...member, method: 0 })))
  const prefix = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(510, 7)])
  const inner = makeZip([{ name: 'inner.zip', data: stored }])
  const hidden = makeZip([...members, { ...marked, name: 'hidden', listed: false }])
  return [
    archive('zip-stored', stored, zipWords),
    archive('zip-deflated', makeZip(members), zipWords),
    archive('zip-nested', inner, zipWords),
    archive('zip-inside', stored, zipWords, (bytes) => makeZip([{ name: 'inner.zip', data: bytes }])),
    archive('zip-64', makeZip64('bad.bin', infectedMarker), zipWords),
    archive('zip-hidden', hidden, zipWords),
    archive('zip-appended', makeZip(members, prefix), zipWords),
    archive('zip-quine', makeQuineZip(), zipWords),
    archive('zip-locked', packedFixture('zip-locked'), zipWords),
  ]
}

function tars(): Fixture[] {
  const plain = makeTar(members)
  const named = makeTar([
    { name: 'PaxHeader', data: Buffer.from('21 path=other/name\n14 size=100\n'), type: 'x' },
    marked,
    { name: '././@LongLink', data: Buffer.from(`${'long/'.repeat(40)}name\0`), type: 'L' },
    marked,
  ])
  return [
    archive('tar-plain', plain, tarWords),
    archive('tar-summed', plain, tarWords, withTarSums),
    archive('tar-named', named, tarWords, withTarSums),
    ...sparseKinds.map((kind) =>
      archive(`tar-holes-${kind}`, Buffer.concat([makeSparseTar(kind, holes), plain]), holesWords, withTarSums),
    ),
    archive('gz-plain', gzipSync(infectedMarker), tokensOf('0x1f8b08', '0x1f8b080800000000', '0x0300')),
    archive('gz-tar', gzipSync(plain), tokensOf('0x1f8b08')),
    archive('gz-tar-inside', plain, tarWords, (bytes) => gzipSync(withTarSums(bytes))),
  ]
}

async function bySevenZip(): Promise<Fixture[]> {
  const plainHeader = await makeWithSevenZip(['-t7z', '-mhc=off', '-m0=LZMA'], files)
  const sevenZip = (...options: string[]) => makeWithSevenZip(['-t7z', ...options], files)
  const zip = (method: string) => makeWithSevenZip(['-tzip', `-mm=${method}`], files)
  const prefix = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(510, 7)])
  const bz2 = await makeWithSevenZip(['-tbzip2'], { 'bad.bin': infectedMarker })
  const xz = await makeWithSevenZip(['-txz'], { 'words.txt': words })
  return [
    archive('7z-plain', await sevenZip(), sevenZipWords),
    archive('7z-summed', plainHeader, sevenZipWords, withSevenZipSums),
    archive('7z-stored', await sevenZip('-mhc=off', '-m0=Copy'), sevenZipWords, withSevenZipSums),
    archive('7z-ppmd', await sevenZip('-mhc=off', '-m0=PPMd'), sevenZipWords, withSevenZipSums),
    archive('7z-bzip2', await sevenZip('-mhc=off', '-m0=BZip2'), sevenZipWords, withSevenZipSums),
    archive('7z-appended', Buffer.concat([prefix, plainHeader]), sevenZipWords),
    archive('7z-locked', packedFixture('7z-locked'), sevenZipWords),
    archive('7z-hidden', packedFixture('7z-hidden'), sevenZipWords),
    archive('zip-deflate64', await zip('Deflate64'), zipWords),
    archive('zip-bzip2', await zip('BZip2'), zipWords),
    archive('zip-lzma', await zip('LZMA'), zipWords),
    archive('zip-ppmd', await zip('PPMd'), zipWords),
    archive('bz2-plain', bz2, tokensOf('BZh9', '0x314159265359', '0x177245385090')),
    archive('xz-plain', xz, lzmaWords),
    archive('wim-plain', packedFixture('wim'), tokensOf('MSWIM\0\0\0', '<WIM>', '</WIM>', '<IMAGE INDEX="1">')),
  ]
}

function streams(): Fixture[] {
  const file = (kind: keyof typeof compressedFixtures): Buffer => Buffer.from(compressedFixtures[kind], 'base64')
  return [
    archive('compress-plain', file('compress'), tokensOf('0x1f9d90', '0x1f9d', '0x8f')),
    archive('lzma-plain', file('lzma'), lzmaWords),
    archive('lzma-4', file('lzma4'), lzmaWords),
    archive('lz4-plain', file('lz4'), lz4Words),
    archive('lz4-two', Buffer.concat([skipped, file('lz4'), file('lz4Legacy')]), lz4Words),
    archive('lz4-old', file('lz4Legacy'), lz4Words),
    archive('zst-plain', file('zst'), tokensOf('0x28b52ffd', '0x502a4d18', '0xa0', '0x01')),
    archive('zst-stored', makeZstd(infectedMarker), tokensOf('0x28b52ffd', '0x502a4d18')),
    archive('szdd-plain', makeSzdd(words), tokensOf('0x535a444488f02733', '0xff', '0x41')),
  ]
}

/** Made by the usual tools, or byte by byte. */
function others(): Fixture[] {
  const file = (kind: keyof typeof compressedFixtures): Buffer => Buffer.from(compressedFixtures[kind], 'base64')
  const rar5 = makeRar5(marked)
  const rarWords = tokensOf('0x526172211a0700', '0x526172211a070100', '0x73', '0x74', '0x0202', '0x0480', '0x0104')
  return [
    archive('arj-plain', file('arj'), tokensOf('0x60ea', '0x0000')),
    archive('cab-plain', file('cab'), tokensOf('MSCF', '0x0100', '0x03', 'CK')),
    archive('lzh-plain', file('lzh'), tokensOf('-lh5-', '-lh7-', '-lh0-', '-lzs-', '0x0002')),
    archive('squashfs-plain', file('squashfs'), tokensOf('hsqs', 'sqsh', '0xffffffffffffffff', '0x0080')),
    archive('ar-plain', makeAr(marked), tokensOf('!<arch>\n', '`\n', '//', '/0', '#1/20')),
    archive('iso-plain', makeIso(marked), tokensOf('0x014344303031', '0xff4344303031', '0x0200', 'BAD.BIN;1')),
    archive('rar-4', makeRar4(marked), rarWords),
    archive('rar-5', rar5, rarWords),
    archive('rar-5-summed', rar5, rarWords, withRar5Sums),
    archive(
      'asar-plain',
      makeAsar(members),
      tokensOf('{"files":', '"offset":"0"', '"size":', '{}', '"link":"a"', '0x04000000', '-1', '1e99'),
    ),
    archive(
      'cramfs-plain',
      makeCramfs('bad.bin', infectedMarker),
      tokensOf('Compressed ROMFS', '0x453dcd28', '0x789c'),
    ),
    archive('ihex-plain', makeIntelHex(infectedMarker), tokensOf(':', ':00000001FF\r\n', ':0200000400FFFB\n', '10')),
    archive('swf-packed', makeFlash(infectedMarker), tokensOf('CWS', 'ZWS', '0x789c', '0x5d000080')),
    archive('rawdisc-plain', makeRawDisc(makeIso(marked), 1), tokensOf('0x00ffffffffffffffffffff00', '0x01', '0x02')),
    archive('rpm-plain', makeRpm(marked), tokensOf('0xedabeedb', '0x8eade801', '0x1f8b08', '070701')),
    archive('xar-plain', makeXar(marked), tokensOf('xar!', '<toc>', '<file>', '</file>', '<offset>', '0x789c')),
  ]
}

function cpios(): Fixture[] {
  const words = tokensOf(
    '070701',
    '070702',
    '070707',
    'TRAILER!!!\0',
    '00000000',
    'ffffffff',
    '0xc771',
    '0x71c7',
    '0xa481',
  )
  return [
    archive('cpio-new', makeCpio(members), words),
    archive('cpio-crc', makeCpio(members, 'crc'), words),
    archive('cpio-old', makeCpio(members, 'odc'), words),
    archive('cpio-low', makeCpio(members, 'binary, low byte first'), words),
    archive('cpio-high', makeCpio(members, 'binary, high byte first'), words),
  ]
}

function installers(): Fixture[] {
  const nsisWords = tokensOf(
    '0xefbeadde4e756c6c736f6674496e7374',
    '0x00000080',
    '0xffffffff',
    '0x14000000',
    '0x5d000080',
  )
  const msiWords = tokensOf('MSCF', 'CK', '0xfeffffff', '0xffffffff', '0x0500', '0x0200', '0x4048')
  const chmWords = tokensOf('ITSF', 'ITSP', 'PMGL', 'PMGI', 'LZXC', '::DataSpace/', '0xffffffff', '0x0080', '0x03')
  const stub = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(510, 7)])
  return [
    archive('nsis-plain', makeNsis(members), nsisWords),
    archive('nsis-stored', makeNsis(members, 'store'), nsisWords),
    archive('nsis-appended', makeInstaller(stub, members), nsisWords),
    archive('msi-plain', makeMsi([marked], [{ name: 'Binary.Action', data: words }]), msiWords),
    archive('chm-plain', makeChm(members), chmWords),
  ]
}
