// Updates from real feeds: what is fetched, what is refused, and that whatever is refused leaves the version in use in use.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { manifestName, signManifest } from './feed-format.ts'
import { type FeedSource, folderSource } from './feed-source.ts'
import { rollBack } from './roll-back.ts'
import { FeedLab, inUse, left, repack, signatures, trusted, watched } from './testing/feed-lab.ts'
import type { UpdateOptions } from './update.ts'
import { readState, updatesFolder } from './update-state.ts'

let lab: FeedLab
beforeEach(() => {
  lab = new FeedLab()
})
afterEach(() => lab.dispose())

const rule = (name: string) => `rule ${name} {\n  strings:\n    $a = "${name}"\n  condition:\n    $a\n}\n`

/** Six versions: lines come, go, change; files come, go and are replaced. */
async function publishTo(version: number): Promise<void> {
  const steps = [
    { 'main.hsb': signatures(0, 2000), 'rules.yar': rule('A') + rule('B'), 'old.hdb': '# nothing\n' },
    { 'main.hsb': signatures(0, 2010) },
    { 'main.hsb': signatures(20, 2010), 'rules.yar': rule('A') + rule('New') + rule('B'), 'old.hdb': null },
    { 'main.hsb': signatures(20, 900) + signatures(3000, 3100) + signatures(900, 2010), 'names.ign2': 'Some.Name\n' },
    {},
    { 'main.hsb': signatures(21, 2010).replace('Sample.1500', 'Other.1500'), 'names.ign2': 'Some.Name\nOther.Name\n' },
  ]
  const from = existsSync(lab.feed) ? lab.manifest().version : 0
  for (const step of steps.slice(from, version)) await lab.publish(step)
}

/** A computer with version 1, and a feed with version `version`. */
async function behind(version: number): Promise<string> {
  await publishTo(1)
  const dataDir = lab.computer()
  await lab.update(dataDir)
  await publishTo(version)
  return dataDir
}

const versionOf = (dataDir: string) => readState(dataDir).current?.version ?? null

/** Runs an update that must fail with this code and change nothing that is in use. */
async function refused(dataDir: string, code: string, changed: Partial<UpdateOptions> = {}): Promise<ProductError> {
  const before = { state: readState(dataDir), files: inUse(dataDir), left: left(dataDir) }
  const error: unknown = await lab.update(dataDir, changed).catch((thrown: unknown) => thrown)
  if (!(error instanceof ProductError)) throw new Error('not refused', { cause: error })
  expect(error.code).toBe(code)
  expect({ state: readState(dataDir), files: inUse(dataDir), left: left(dataDir) }).toEqual(before)
  return error
}

describe('a chain of diffs (45)', () => {
  it('diff chain 1->6 equals full 6 (45)', async () => {
    const stepwise = await behind(6)
    const { outcome, read } = await lab.update(stepwise)
    expect(outcome).toBe('installed')
    // Nothing changed in version 5.
    const diffs = [2, 3, 4, 6].map((to) => expect.stringMatching(new RegExp(`^diff-${to}\\.`)))
    // Only what version 1 did not have comes as a whole.
    expect(read).toEqual([manifestName, ...diffs, expect.stringMatching(/^names\.ign2\./)])
    const whole = lab.computer()
    const fresh = await lab.update(whole)
    expect(fresh.read.filter((name) => name.startsWith('diff-'))).toEqual([])
    expect(inUse(stepwise)).toEqual(inUse(whole))
    expect(Object.keys(inUse(whole) ?? {})).toEqual(['main.hsb', 'names.ign2', 'rules.yar'])
    expect(inUse(whole)?.['main.hsb']).toBe(readFileSync(join(lab.folder, 'main.hsb'), 'latin1'))
  })

  it('wrong old line -> full download (45)', async () => {
    const dataDir = await behind(6)
    const sixth = lab.manifest().diffs.at(-1)
    const text = gunzipSync(readFileSync(join(lab.feed, sixth?.packed.name ?? ''))).toString('latin1')
    const wrong = Buffer.from(text.replace(/(DEL 1 32:)./, '$1-'), 'latin1')
    expect(wrong.toString('latin1')).not.toBe(text)
    const packed = repack(lab.feed, sixth?.packed.name ?? '', wrong)
    lab.resign(({ diffs, ...rest }) => ({
      ...rest,
      diffs: [...diffs.slice(0, -1), { to: 6, size: wrong.length, packed }],
    }))
    const { read } = await lab.update(dataDir)
    expect(read.filter((name) => name.startsWith('main.hsb'))).toHaveLength(1)
    expect(inUse(dataDir)?.['main.hsb']).toBe(readFileSync(join(lab.folder, 'main.hsb'), 'latin1'))
  })

  it('another old line on this computer -> full download (45)', async () => {
    const dataDir = await behind(2)
    const file = join(updatesFolder(dataDir), 'generation-1', 'main.hsb')
    writeFileSync(file, readFileSync(file, 'latin1').replace('Test.Sample.7', 'Test.Sample.X'))
    const { read } = await lab.update(dataDir)
    expect(read).toEqual([manifestName, expect.anything(), expect.anything(), expect.anything()])
    expect(versionOf(dataDir)).toBe(2)
    expect(inUse(dataDir)?.['main.hsb']).toBe(signatures(0, 2010))
  })

  it('that is not there any more, or is larger than the files -> full download', async () => {
    const dataDir = await behind(3)
    lab.resign(({ diffs, ...rest }) => ({ ...rest, diffs: diffs.slice(1) }))
    expect((await lab.update(dataDir)).read.filter((name) => name.startsWith('main.hsb'))).toHaveLength(1)
    await lab.publish({ 'main.hsb': signatures(0, 2020) })
    lab.resign(({ diffs, ...rest }) => ({
      ...rest,
      diffs: diffs.map((diff) => ({ ...diff, packed: { ...diff.packed, size: 1_000_000 } })),
    }))
    expect((await lab.update(dataDir)).read).toEqual([manifestName, expect.stringMatching(/^main\.hsb\./)])
  })

  it.each(['cut', 'missing'])('that is %s -> full download (45)', async (harm) => {
    const dataDir = await behind(2)
    const path = join(lab.feed, lab.manifest().diffs[0]?.packed.name ?? '')
    if (harm === 'cut') truncateSync(path, 60)
    else rmSync(path)
    await lab.update(dataDir)
    expect(inUse(dataDir)?.['main.hsb']).toBe(signatures(0, 2010))
  })

  it('that is signed but no script -> full download', async () => {
    const dataDir = await behind(2)
    const wrong = Buffer.from('OPEN main.hsb\nFORMAT everything\n')
    const packed = repack(lab.feed, lab.manifest().diffs[0]?.packed.name ?? '', wrong)
    lab.resign((manifest) => ({ ...manifest, diffs: [{ to: 2, size: wrong.length, packed }] }))
    await lab.update(dataDir)
    expect(inUse(dataDir)?.['main.hsb']).toBe(signatures(0, 2010))
  })
})

describe('what is refused leaves the old generation (45)', () => {
  it('downgrade -> old generation stays, problem shown (45)', async () => {
    await publishTo(2)
    const old = join(lab.dir, 'old-feed')
    cpSync(lab.feed, old, { recursive: true })
    await publishTo(3)
    const dataDir = lab.computer()
    await lab.update(dataDir)
    const error = await refused(dataDir, 'update-downgrade', { sources: [folderSource(old)] })
    expect(error.detail).toBe('version 2 after 3')
    // Also after a person went back: that is theirs to do, not the feed's.
    rollBack(dataDir)
    await refused(dataDir, 'update-downgrade', { sources: [folderSource(old)] })
  })

  it('another content under the same number -> old generation stays, problem shown (45)', async () => {
    const dataDir = await behind(1)
    lab.resign((manifest) => ({ ...manifest, builtAt: '2026-01-01T12:00:00.000Z' }))
    await refused(dataDir, 'update-downgrade')
  })

  it('expired manifest -> old generation stays, problem shown (45)', async () => {
    const dataDir = await behind(2)
    const expiresAt = Date.parse(lab.manifest().expiresAt)
    const error = await refused(dataDir, 'update-expired', { now: new Date(expiresAt) })
    expect(error.detail).toBe(lab.manifest().expiresAt)
    expect((await lab.update(dataDir, { now: new Date(expiresAt - 1) })).outcome).toBe('installed')
  })

  it('truncated download -> old generation stays, problem shown (45)', async () => {
    const dataDir = await behind(2)
    lab.resign((manifest) => ({ ...manifest, diffs: [] }))
    const packed = lab.manifest().files.find(({ name }) => name === 'main.hsb')?.packed
    const path = join(lab.feed, packed?.name ?? '')
    for (const size of [(packed?.size ?? 0) - 1, 100, 0]) {
      truncateSync(path, size)
      expect((await refused(dataDir, 'update-damaged')).detail).toBe(packed?.name)
    }
    rmSync(path)
    expect((await refused(dataDir, 'update-damaged')).detail).toBe(`${packed?.name} is missing`)
  })

  it('truncated manifest, another signature, another key -> old generation stays, problem shown (45)', async () => {
    const dataDir = await behind(2)
    const newest = lab.manifest()
    const file = join(lab.feed, manifestName)
    const whole = readFileSync(file)
    for (const size of [whole.length - 1, 300, 50, 0]) {
      writeFileSync(file, whole.subarray(0, size))
      await refused(dataDir, 'update-signature')
    }
    writeFileSync(file, whole.toString('latin1').replace('"version": 2', '"version": 3'), 'latin1')
    await refused(dataDir, 'update-signature')
    const other = generateKeyPairSync('ed25519').privateKey
    writeFileSync(file, signManifest(newest, other))
    await refused(dataDir, 'update-signature')
    // Signed by the other key, but said to be of ours.
    const foreign = readFileSync(file, 'latin1').split(' ')
    const ours = whole.toString('latin1').split(' ')
    writeFileSync(file, [...foreign.slice(0, 2), ours[2], ...foreign.slice(3)].join(' '), 'latin1')
    await refused(dataDir, 'update-signature')
    expect(
      (await lab.update(dataDir, { keys: trusted(other), sources: [feedOf(signManifest(newest, other))] })).outcome,
    ).toBe('installed')
  })

  it('a file with the right size and other bytes, or more bytes, or that unpacks to more', async () => {
    const dataDir = await behind(2)
    lab.resign((manifest) => ({ ...manifest, diffs: [] }))
    const { files } = lab.manifest()
    const main = files.find(({ name }) => name === 'main.hsb')
    const path = join(lab.feed, main?.packed.name ?? '')
    const good = readFileSync(path)
    const flipped = Buffer.from(good)
    flipped[50] = (flipped[50] ?? 0) ^ 1
    for (const bytes of [flipped, Buffer.concat([good, Buffer.alloc(1)])]) {
      writeFileSync(path, bytes)
      await refused(dataDir, 'update-damaged')
    }
    const packed = repack(lab.feed, main?.packed.name ?? '', Buffer.alloc(200_000_000))
    lab.resign((manifest) => ({
      ...manifest,
      files: manifest.files.map((file) => (file.name === 'main.hsb' ? { ...file, packed } : file)),
    }))
    await refused(dataDir, 'update-damaged')
  })

  it('a manifest that is signed but none of ours', async () => {
    const dataDir = await behind(2)
    const newest = lab.manifest()
    const { files, diffs } = newest
    const [file] = files
    if (file === undefined) throw new Error('no file')
    const bad = [
      { files: [{ ...file, name: '../evil.yar' }] },
      { files: [{ ...file, name: 'evil.exe' }] },
      { files: [{ ...file, name: '.hsb' }] },
      { files: [{ ...file, packed: { ...file.packed, name: '/etc/passwd' } }] },
      { files: [file, { ...file, name: file.name.toUpperCase() }] },
      { files: [{ ...file, size: 10_000_000_000 }] },
      { diffs: diffs.map((diff) => ({ ...diff, to: 9 })) },
      { version: 0 },
      { more: 1 },
    ]
    for (const change of bad) {
      writeFileSync(join(lab.feed, manifestName), lab.signAnything({ ...newest, ...change }))
      await refused(dataDir, 'update-damaged')
    }
    const text = lab.signAnything(newest).toString('latin1')
    writeFileSync(join(lab.feed, manifestName), text.replace('feed 1', 'feed 2'), 'latin1')
    await refused(dataDir, 'update-unusable')
  })

  it('a version that does not load', async () => {
    const dataDir = await behind(2)
    const empty = Buffer.from('# nothing\n')
    const packed = repack(lab.feed, 'empty.gz', empty)
    lab.resign((manifest) => ({
      ...manifest,
      files: [
        { name: 'main.hsb', size: empty.length, sha256: createHash('sha256').update(empty).digest('hex'), packed },
      ],
      diffs: [],
    }))
    expect((await refused(dataDir, 'update-unusable')).detail).toBe('empty')
  })

  it('a place where no feed is', async () => {
    const dataDir = await behind(1)
    await refused(dataDir, 'update-source-unreachable', { sources: [folderSource(join(lab.dir, 'missing'))] })
    await refused(dataDir, 'update-source-unreachable', { sources: [folderSource(join(lab.feed, manifestName))] })
    mkdirSync(join(lab.dir, 'folder', manifestName), { recursive: true })
    await refused(dataDir, 'update-source-unreachable', { sources: [folderSource(join(lab.dir, 'folder'))] })
  })
})

describe('an update', () => {
  it('takes the first of several sources that can be used, and tells of the others', async () => {
    const dataDir = await behind(2)
    const expired = join(lab.dir, 'expired')
    mkdirSync(expired)
    const gone = folderSource(join(lab.dir, 'gone'))
    const manifest = { ...lab.manifest(), builtAt: '2020-01-01T00:00:00Z', expiresAt: '2020-01-02T00:00:00Z' }
    writeFileSync(join(expired, manifestName), signManifest(manifest, lab.privateKey))
    const told: string[] = []
    const onRefused: UpdateOptions['onRefused'] = (place, { code }) => told.push(`${place} ${code}`)
    // What is wrong says more than what is not there, wherever it stands.
    await refused(dataDir, 'update-expired', { sources: [gone, folderSource(expired)] })
    await refused(dataDir, 'update-expired', { sources: [folderSource(expired), gone] })
    const { outcome, current } = await lab.update(dataDir, {
      sources: [gone, folderSource(expired), folderSource(lab.feed)],
      onRefused,
    })
    expect([outcome, current.from]).toEqual(['installed', lab.feed])
    expect(told).toEqual([`${gone.place} update-source-unreachable`, `${expired} update-expired`])
  })

  it('reads only the manifest when nothing is newer, and mends what is damaged here', async () => {
    const dataDir = await behind(2)
    await lab.update(dataDir)
    expect(await lab.update(dataDir)).toMatchObject({ outcome: 'current', read: [manifestName] })
    writeFileSync(join(updatesFolder(dataDir), readState(dataDir).current?.folder ?? '', 'main.hsb'), 'x')
    expect(await lab.update(dataDir)).toMatchObject({
      outcome: 'installed',
      current: { version: 2 },
      previous: { version: 1 },
    })
    expect(inUse(dataDir)?.['main.hsb']).toBe(signatures(0, 2010))
    expect(left(dataDir)).toEqual(['generation-1', 'generation-3', 'state.json'])
  })

  it('keeps one version before, for going back and forth', async () => {
    const dataDir = await behind(2)
    await lab.update(dataDir)
    await publishTo(3)
    await lab.update(dataDir)
    expect(left(dataDir)).toEqual(['generation-2', 'generation-3', 'state.json'])
    expect(rollBack(dataDir)).toMatchObject({ current: { version: 2 }, previous: { version: 3 } })
    expect(inUse(dataDir)?.['old.hdb']).toBe('# nothing\n')
    // Nothing has to be fetched again.
    expect(await lab.update(dataDir)).toMatchObject({
      outcome: 'switched',
      current: { version: 3 },
      read: [manifestName],
    })
    expect(rollBack(dataDir)).toMatchObject({ current: { version: 2 } })
    expect(rollBack(dataDir)).toMatchObject({ current: { version: 3 } })
  })

  it('the first one can be rolled back to the databases of the product; without one there is nothing to go back to', async () => {
    const dataDir = lab.computer()
    expect(() => rollBack(dataDir)).toThrow('no-previous-databases')
    await publishTo(1)
    await lab.update(dataDir)
    expect(rollBack(dataDir)).toMatchObject({ current: null, previous: { version: 1 } })
    expect(inUse(dataDir)).toBeNull()
    expect(rollBack(dataDir)).toMatchObject({ current: { version: 1 }, previous: null })
  })

  it('does not go back to a version that is damaged', async () => {
    const dataDir = await behind(2)
    await lab.update(dataDir)
    rmSync(join(updatesFolder(dataDir), 'generation-1', 'rules.yar'))
    expect(() => rollBack(dataDir)).toThrow('update-damaged: files are missing')
    expect(versionOf(dataDir)).toBe(2)
  })

  it('counts versions for each key: a feed of another owner begins anew', async () => {
    const dataDir = await behind(3)
    await lab.update(dataDir)
    const other = new FeedLab()
    try {
      await other.publish({ 'own.hsb': signatures(0, 3) })
      const both = new Map([...lab.keys, ...other.keys])
      const { current } = await lab.update(dataDir, { keys: both, sources: [folderSource(other.feed)] })
      expect(current.version).toBe(1)
      expect(Object.keys(inUse(dataDir) ?? {})).toEqual(['own.hsb'])
      expect((await lab.update(dataDir, { keys: both })).outcome).toBe('switched')
    } finally {
      other.dispose()
    }
  })

  it('begins anew when the record of what is installed is damaged, and keeps that aside', async () => {
    const dataDir = await behind(1)
    writeFileSync(join(updatesFolder(dataDir), 'state.json'), '{"version":1')
    expect((await lab.update(dataDir)).outcome).toBe('installed')
    expect(left(dataDir)).toEqual(['generation-1', 'state.json', 'state.json.unreadable'])
  })

  it('does not begin anew when the record only cannot be read', async () => {
    const dataDir = await behind(2)
    const record = join(updatesFolder(dataDir), 'state.json')
    renameSync(record, join(lab.dir, 'state.json'))
    mkdirSync(record)
    await expect(lab.update(dataDir)).rejects.toMatchObject({ code: 'not-regular-file' })
    expect(left(dataDir)).toEqual(['generation-1', 'state.json'])
  })
})

/** The feed with another manifest. */
function feedOf(manifest: Buffer): FeedSource {
  const { source } = watched(folderSource(lab.feed))
  return { place: 'other', read: async (name, most) => (name === manifestName ? manifest : source.read(name, most)) }
}
