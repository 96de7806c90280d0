// Feeds as their publisher makes them: versions, what is kept of the old ones, and what is not published; and keys.
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifestName } from './feed-format.ts'
import { keyIdOf, ownKeysFolder, readPrivateKey, readTrustedKeys } from './feed-keys.ts'
import { publishFeed } from './publish.ts'
import { FeedLab, signatures } from './testing/feed-lab.ts'

let lab: FeedLab
beforeEach(() => {
  lab = new FeedLab()
})
afterEach(() => lab.dispose())

const objects = () => readdirSync(lab.feed).sort()
const publish = () => publishFeed({ folder: lab.folder, feed: lab.feed, key: lab.privateKey, now: new Date() })

describe('a feed', () => {
  it('counts its versions, has their files once, and keeps what readers of the version before need', async () => {
    await lab.publish({ 'a.hsb': signatures(0, 100), 'b.hsb': signatures(200, 210), 'note.txt': 'not a database' })
    const first = objects()
    expect(first).toEqual([expect.stringMatching(/^a\.hsb\./), expect.stringMatching(/^b\.hsb\./), manifestName])
    const second = await lab.publish({ 'a.hsb': signatures(0, 110) })
    expect(second).toMatchObject({ version: 2, diffs: [{ to: 2 }] })
    expect(objects().filter((name) => first.includes(name))).toEqual(first)
    const third = await lab.publish({ 'b.hsb': null })
    expect(third).toMatchObject({ version: 3, diffs: [{ to: 2 }, { to: 3 }] })
    expect(objects().filter((name) => name.startsWith('a.hsb'))).toHaveLength(1)
    await lab.publish({})
    expect(objects().filter((name) => !name.startsWith('diff-'))).toEqual([
      expect.stringMatching(/^a\.hsb\./),
      manifestName,
    ])
    for (const name of objects()) expect(statSync(join(lab.feed, name)).mode & 0o777).toBe(0o644)
  })

  it('is not touched when the folder does not load, or has names that a feed cannot have', async () => {
    await lab.publish({ 'a.hsb': signatures(0, 10) })
    const before = readFileSync(join(lab.feed, manifestName))
    await expect(lab.publish({ 'a.hsb': '# nothing\n' })).rejects.toMatchObject({ code: 'databases-unusable' })
    await expect(lab.publish({ 'a.hsb': signatures(0, 10), 'with space.hsb': '# x\n' })).rejects.toMatchObject({
      code: 'bad-request',
    })
    expect(readFileSync(join(lab.feed, manifestName))).toEqual(before)
  })

  it('of another key is not continued', async () => {
    await lab.publish({ 'a.hsb': signatures(0, 10) })
    const key = generateKeyPairSync('ed25519').privateKey
    await expect(publishFeed({ folder: lab.folder, feed: lab.feed, key, now: new Date() })).rejects.toMatchObject({
      code: 'update-signature',
    })
  })

  it('is renewed by publishing the same again', async () => {
    await lab.publish({ 'a.hsb': signatures(0, 10) })
    const { files } = lab.manifest()
    const renewed = await publish()
    expect(renewed).toMatchObject({ version: 2, files, diffs: [{ size: 0 }] })
    expect(Date.parse(renewed.expiresAt) - Date.now()).toBeGreaterThan(29 * 24 * 3_600_000)
  })
})

describe('keys', () => {
  const pem = (kind: 'ed25519' | 'x25519') => {
    const { publicKey, privateKey } =
      kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
    const text = {
      public: publicKey.export({ type: 'spki', format: 'pem' }),
      private: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }
    return { publicKey, text }
  }

  it('that are trusted are those of the product and those of the owner', () => {
    const { publicKey, text } = pem('ed25519')
    const own = ownKeysFolder(lab.dir)
    const shipped = resolve('resources/keys')
    const onlyShipped = readTrustedKeys([shipped, own])
    expect(onlyShipped.size).toBe(1)
    mkdirSync(own)
    writeFileSync(join(own, 'mine.pem'), text.public)
    expect([...readTrustedKeys([shipped, own]).keys()]).toEqual([...onlyShipped.keys(), keyIdOf(publicKey)])
  })

  it('of another kind, private ones and other files are refused by name', () => {
    const own = ownKeysFolder(lab.dir)
    mkdirSync(own)
    for (const text of [pem('ed25519').text.private, pem('x25519').text.public, 'no key']) {
      writeFileSync(join(own, 'mine.pem'), text)
      expect(() => readTrustedKeys([own])).toThrow(/^bad-request: no public Ed25519 key: .*mine\.pem$/)
    }
  })

  it('to publish with are read from a file', () => {
    const { publicKey, text } = pem('ed25519')
    const file = join(lab.dir, 'private.pem')
    writeFileSync(file, text.private)
    expect(keyIdOf(readPrivateKey(file))).toBe(keyIdOf(publicKey))
    writeFileSync(file, pem('x25519').text.private)
    expect(() => readPrivateKey(file)).toThrow('bad-request')
    expect(() => readPrivateKey(join(lab.dir, 'missing'))).toThrow('not-found')
  })

  it('of the product are public ones only', () => {
    for (const name of readdirSync('resources/keys'))
      expect(readFileSync(join('resources/keys', name), 'utf8')).toMatch(
        /^-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n$/,
      )
  })
})
