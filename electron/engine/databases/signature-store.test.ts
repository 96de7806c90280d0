import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createScanner } from '../scanner.ts'
import { type LoadedDatabases, loadDatabases } from './databases.ts'

const rows = 70_000
const bad = Buffer.from('the content that one of many signatures is about')
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
let root: string
let folder: string
let storeDir: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signature-store-'))
  folder = join(root, 'databases')
  storeDir = join(root, 'store')
  mkdirSync(folder)
  const lines = Array.from({ length: rows }, (_, row) => `${sha256(`${row}`)}:${row + 100}:Test.Many-${row}\n`)
  writeFileSync(join(folder, 'many.hsb'), `${lines.join('')}${sha256(bad)}:${bad.length}:Test.Bad\nnot a line\n`)
  writeFileSync(join(folder, 'a.ign2'), 'Test.Many-5\n')
  writeFileSync(join(folder, 'a.yar'), 'rule A { strings: $a = "xyzzy" condition: $a }')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const load = () => loadDatabases(folder, { source: 'folder', rulesCacheDir: storeDir })
const storedFile = () => join(storeDir, readdirSync(storeDir).find((name) => name.endsWith('.signatures')) ?? '')
const isOnDisk = ({ hashes }: LoadedDatabases) => 'path' in hashes.sha256.behind

async function threatsIn(databases: LoadedDatabases, content: Buffer): Promise<string[]> {
  const scanner = await createScanner(databases)
  try {
    const { findings, coverage } = await scanner.scanBuffer(content, 'x')
    return [...findings.map(({ threat }) => threat), ...(coverage.kind === 'partial' ? coverage.reasons : [])]
  } finally {
    scanner.dispose()
  }
}

it('a large set is kept ready to load, says the same and finds the same', async () => {
  const inMemory = await loadDatabases(folder, { source: 'folder' })
  const [first, again] = [await load(), await load()]
  expect([isOnDisk(inMemory), isOnDisk(first), isOnDisk(again)]).toEqual([false, true, true])
  expect(first.info).toEqual(inMemory.info)
  expect(again.info).toEqual(inMemory.info)
  expect(again.ignored).toEqual(['Test.Many-5'])
  for (const databases of [first, again, structuredClone(again)]) {
    expect(await threatsIn(databases, bad)).toEqual(['Test.Bad'])
    expect(await threatsIn(databases, Buffer.from('xyzzy'))).toEqual(['A'])
    expect(await threatsIn(databases, Buffer.from('nothing'))).toEqual([])
  }
})

it('what is about unwanted software is so too when it is kept', async () => {
  writeFileSync(join(folder, 'tools.hsu'), `${sha256('tool')}:4:Win.Tool-1\n`)
  for (const databases of [await load(), await load()]) {
    expect(isOnDisk(databases)).toBe(true)
    const scanner = await createScanner(databases)
    const { findings } = await scanner.scanBuffer(Buffer.from('tool'), 'x')
    scanner.dispose()
    expect(findings).toMatchObject([{ threat: 'Win.Tool-1', verdict: 'risky' }])
  }
})

it('a file that changed is read again', async () => {
  const before = await load()
  writeFileSync(join(folder, 'more.hsb'), `${sha256('more')}:4:Test.More\n`)
  const after = await load()
  expect(after.info.version).not.toBe(before.info.version)
  expect(await threatsIn(after, Buffer.from('more'))).toEqual(['Test.More'])
})

it.each<[string, (file: string) => void]>([
  ['cut', (file) => truncateSync(file, readFileSync(file).length - 100)],
  ['changed in what is loaded', (file) => writeFileSync(file, readFileSync(file).fill(7, 3000, 3010))],
  [
    'changed in its rules',
    (file) => writeFileSync(file, readFileSync(file, 'latin1').replace('xyzzy', 'other'), 'latin1'),
  ],
  ['open to others', (file) => chmodSync(file, 0o666)],
  ['something else', (file) => writeFileSync(file, 'x')],
])('a stored set that is %s is made anew', async (_, harm) => {
  await load()
  harm(storedFile())
  const again = await load()
  expect(again.info.hashSignatures).toBe(rows + 1)
  expect(await threatsIn(again, bad)).toEqual(['Test.Bad'])
  expect(await threatsIn(again, Buffer.from('xyzzy'))).toEqual(['A'])
})

it('rules of a stored set are compiled again when their compiled form is gone', async () => {
  await load()
  for (const name of readdirSync(storeDir)) if (name.endsWith('.rules')) rmSync(join(storeDir, name))
  expect(await threatsIn(await load(), Buffer.from('xyzzy'))).toEqual(['A'])
})

it('damage behind what is loaded is a gap, never "nothing found"', async () => {
  const databases = await load()
  const file = storedFile()
  const bytes = readFileSync(file)
  const at = bytes.indexOf(createHash('sha256').update(bad).digest())
  // In place, as a failing disk does it: the inode stays.
  writeFileSync(file, bytes.fill(0, at, at + 4), { flag: 'r+' })
  expect(await threatsIn(databases, bad)).toEqual(['rules-unavailable'])
})

it('a stored set that was replaced under a scanner to come is refused', async () => {
  const databases = await load()
  const file = storedFile()
  const bytes = readFileSync(file)
  rmSync(file)
  writeFileSync(join(root, 'other'), '')
  writeFileSync(file, Buffer.concat([bytes, bytes]))
  await expect(createScanner(databases)).rejects.toThrow('stored signatures')
})

it('what cannot be kept stays in memory', async () => {
  writeFileSync(join(root, 'file'), '')
  const databases = await loadDatabases(folder, { source: 'folder', rulesCacheDir: join(root, 'file', 'below') })
  expect(isOnDisk(databases)).toBe(false)
  expect(await threatsIn(databases, bad)).toEqual(['Test.Bad'])
})
