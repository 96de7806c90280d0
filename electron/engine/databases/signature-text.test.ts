import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { openTable } from '../detect/hash-table.ts'
import { SignatureLines } from './signature-text.ts'

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const name = (row: number): string => `Name.${row}-é`.slice(0, row % 2 === 0 ? -2 : undefined)

function read(text: string, pieceBytes = 2 * text.length + 1, ignored = ''): SignatureLines {
  const bytes = Buffer.from(text)
  const lines = new SignatureLines({ hashes: bytes.length, sections: 0, trusted: 0 })
  lines.addIgnored({ file: 'a.ign2', pieces: [Buffer.from(ignored)] })
  const pieces = function* (): Generator<Buffer> {
    // One buffer for all pieces, as it is with a file.
    const piece = Buffer.alloc(pieceBytes)
    for (let at = 0; at < bytes.length; at += pieceBytes) yield piece.subarray(0, bytes.copy(piece, 0, at))
  }
  lines.addHashes({ file: 'a.hsb', pieces: pieces() })
  return lines
}

it.each([1, 7, 70, 1000])('lines that lie across pieces of %i bytes are read', (pieceBytes) => {
  const rows = Array.from({ length: 50 }, (_, row) => `${sha(`${row}`)}:${row % 3 === 0 ? '*' : row}:${name(row)}`)
  const lines = read(`# a comment\r\n\r\n${rows.join('\r\n')}`, pieceBytes)
  expect(lines.rejected).toEqual([])
  const table = openTable(lines.hashes.sha256.build())
  expect(table.rows).toBe(50)
  for (let row = 0; row < 50; row += 1) {
    const digest = Buffer.from(sha(`${row}`), 'hex')
    expect(table.find(digest, row)).toMatchObject([{ name: name(row) }])
    expect(table.find(digest, row + 1)).toMatchObject(row % 3 === 0 ? [{ name: name(row) }] : [])
  }
})

it('reading bytes decides the same as reading text', () => {
  const samples = ['md5', 'sha1', 'sha256'].map(
    (algorithm) => `${createHash(algorithm).update(algorithm).digest('hex')}:123456:Win.Name-1`,
  )
  const marks = [':', '*', ' ', '\t', '\r', '#', 'g', 'F', '9', 'é', '\0', '::1:2', 'x'.repeat(250), '1'.repeat(15)]
  for (const sample of samples) {
    for (let at = 0; at <= sample.length; at += 1) {
      for (const mark of marks) {
        for (const line of [
          sample.slice(0, at) + mark + sample.slice(at),
          sample.slice(0, at) + mark + sample.slice(at + 1),
        ]) {
          // A blank before a line says nothing, but only the reader of text takes it away.
          const [plain, blank] = [read(line), read(` ${line}`)]
          expect({ line, ...summary(plain) }).toEqual({ line, ...summary(blank) })
        }
      }
    }
  }
})

it('an ignored line stays out when it is plain too', () => {
  const rows = [`${sha('a')}:1:Ignored`, `${sha('b')}:1:Ignored`, `${sha('c')}:1:Other`]
  const digest = createHash('md5')
    .update(rows[0] ?? '')
    .digest('hex')
  const table = openTable(read(rows.join('\n'), 100, `Ignored:${digest}\n`).hashes.sha256.build())
  expect(['a', 'b', 'c'].map((text) => table.find(Buffer.from(sha(text), 'hex'), 1))).toMatchObject([
    [],
    [{ name: 'Ignored' }],
    [{ name: 'Other' }],
  ])
})

it('a file of bad lines does not fill the memory', () => {
  const lines = read('bad\n'.repeat(100_000))
  expect(lines.rejectedLines).toBe(100_000)
  expect(lines.rejected.length).toBeLessThanOrEqual(1000)
})

function summary(lines: SignatureLines): { rows: unknown[]; problems: string[] } {
  const rows = Object.values(lines.hashes).map((builder) => {
    const { behind } = builder.build()
    if ('path' in behind) throw new Error('not in memory')
    const { digests, sizes, names } = behind
    return [Buffer.from(digests).toString('hex'), [...sizes], Buffer.from(names).toString('hex')]
  })
  return { rows, problems: lines.rejected.map(({ problem }) => problem) }
}
