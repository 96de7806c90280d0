// Gives what a feed of databases could send, changed, to its readers. Checks that only whoever has the key can say anything,
// and that after an update that failed the old version is in use. Its scripts have targets of their own.
import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { codeOf } from '#shared/errors.ts'
import {
  FeedManifest,
  readInstalledManifest,
  readManifest,
  type SignedManifest,
  signManifest,
} from '../../databases/feed/feed-format.ts'
import { readTrustedKeys } from '../../databases/feed/feed-keys.ts'
import { folderSource } from '../../databases/feed/feed-source.ts'
import { FeedLab, inUse, signatures, trusted } from '../../databases/feed/testing/feed-lab.ts'
import { readState, readStateToChange, UpdateState, updatesFolder } from '../../databases/feed/update-state.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

const mostBytes = 16 * 1024

/** `many`: inputs of a short run for what is fast; an update takes longer. */
export function feedTargets(many: number, few: number): Target[] {
  const target = (name: string, count: number, open: () => Promise<Probe>): Target => {
    return { name, group: 'databases', count, mostCpuMs: 4000, open }
  }
  return [
    target('feed-manifest', many, async () => openManifests()),
    target('feed-files', many / 4, async () => openFiles()),
    target('feed-update', few, openUpdates),
  ]
}

function probe(bytes: Buffer, tokens: readonly Buffer[], check: (input: Buffer, random: Random) => void): Probe {
  const input = (random: Random): Buffer => mutated(bytes, random, { tokens, others: [bytes], mostBytes })
  return { input, check: async (changed, random) => check(changed, random), close: () => {} }
}

/** Throws what is no failure that is expected of a feed. */
function expected<T>(codes: readonly string[], act: () => T): T | null {
  try {
    return act()
  } catch (error) {
    if (codes.includes(codeOf(error))) return null
    throw error
  }
}

/** The same in every run: 32 bytes of an Ed25519 key behind what says so. */
const privateKey: KeyObject = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
})
const keys = trusted(privateKey)
const context = Buffer.from('remote-protection feed manifest 1\n')
const manifestCodes = ['update-signature', 'update-unusable', 'update-damaged']
const digest = 'a'.repeat(64)
const packed = { name: 'main.hsb.0123456789abcdef.gz', size: 10, sha256: digest }
const manifest: FeedManifest = {
  version: 7,
  builtAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-02-01T00:00:00.000Z',
  files: [
    { name: 'main.hsb', size: 100, sha256: digest, packed },
    { name: 'rules.yar', size: 0, sha256: digest, packed },
  ],
  diffs: [{ to: 7, size: 30, packed }],
}
const manifestWords = tokensOf(
  ...[
    'remote-protection-feed 1 ',
    'remote-protection-feed 2 ',
    '\n',
    '{',
    '}',
    '"',
    ':',
    ',',
    '[',
    ']',
    'null',
    '1e999',
  ],
  ...['../', '/', 'a.hsb', 'A.HSB', '.', '"__proto__":{}', '"version":', '2147483648', '-1', '==', '0x00', '0xff'],
)

function openManifests(): Probe {
  const whole = signManifest(manifest, privateKey)
  const bodyAt = whole.indexOf(0x0a) + 1
  const { input, ...rest } = probe(whole, manifestWords, checkManifest)
  return {
    ...rest,
    input: (random, index) => {
      if (random.oneIn(3)) return input(random, index)
      // What only the owner of the key could send by mistake.
      const stock = { tokens: manifestWords, others: [whole], mostBytes }
      const body = whole.subarray(bodyAt)
      return signedAs(whole.subarray(0, bodyAt), random.oneIn(2) ? renamed(body, random) : mutated(body, random, stock))
    },
  }
}

/** With a name in it that may lead elsewhere. */
function renamed(body: Buffer, random: Random): Buffer {
  const [file, ending] = [random.pick(['main.hsb', 'rules.yar', packed.name]), random.pick(['.hsb', '.yar', '.gz', ''])]
  const name = `${random.pick(['../', '/', './', 'a/', '..\\', 'a\0', '.', ' ', '', 'MAIN', 'feed', 'a'.repeat(90)])}${ending}`
  return Buffer.from(body.toString().replace(JSON.stringify(file), JSON.stringify(name)))
}

/** The first line for another body. */
function signedAs(firstLine: Buffer, body: Buffer): Buffer {
  const before = firstLine.toString('latin1').split(' ').slice(0, 3).join(' ')
  const signature = sign(null, Buffer.concat([context, body]), privateKey).toString('base64')
  return Buffer.concat([Buffer.from(`${before} ${signature}\n`, 'latin1'), body])
}

function checkManifest(input: Buffer): void {
  const signed = expected(manifestCodes, () => readManifest(input, keys))
  const installed = expected(manifestCodes, () => readInstalledManifest(input))
  if (signed !== null && !isSigned(input)) throw new Error('a manifest was believed that nobody signed')
  if (signed !== null && signed.sha256 !== installed?.sha256) throw new Error('installed it is another one')
  for (const one of [signed, installed]) if (one !== null) checkNames(one)
}

function isSigned(input: Buffer): boolean {
  const end = input.indexOf(0x0a)
  const signature = Buffer.from(input.toString('latin1', 0, end).split(' ')[3] ?? '', 'base64')
  return verify(null, Buffer.concat([context, input.subarray(end + 1)]), [...keys.values()][0] as KeyObject, signature)
}

function checkNames({ manifest: believed }: SignedManifest): void {
  const { files, diffs } = FeedManifest.parse(believed)
  const names = [...files.flatMap((file) => [file.name, file.packed.name]), ...diffs.map((diff) => diff.packed.name)]
  const strange = names.find((name) => basename(name) !== name || name.startsWith('.') || name.includes('\\'))
  if (strange !== undefined) throw new Error(`a name that leads elsewhere: ${strange}`)
}

/** State of the updates and keys: small files, read at every start. */
function openFiles(): Probe {
  const dataDir = mkdtempSync(join(tmpdir(), 'fuzz-feed-files-'))
  const [state, pem] = [join(updatesFolder(dataDir), 'state.json'), join(dataDir, 'own.pem')]
  mkdirSync(updatesFolder(dataDir))
  const generation = {
    ...{ folder: 'generation-1', version: 3, key: '0123456789abcdef', manifestSha256: digest },
    ...{ builtAt: manifest.builtAt, installedAt: manifest.builtAt, from: '/feed' },
  }
  const known = {
    version: 1,
    current: generation,
    previous: null,
    highest: { '0123456789abcdef': { version: 3, manifestSha256: digest } },
  }
  const text = Buffer.from(JSON.stringify(known))
  const key = Buffer.from([...keys.values()][0]?.export({ type: 'spki', format: 'pem' }) ?? '')
  const words = tokensOf(
    '{',
    '}',
    '"',
    'null',
    '"__proto__":{}',
    '-----BEGIN PUBLIC KEY-----',
    '-----END',
    '\n',
    'PRIVATE',
    '0x00',
  )
  return {
    input: (random) => mutated(random.oneIn(2) ? text : key, random, { tokens: words, others: [text, key], mostBytes }),
    check: async (input) => {
      writeFileSync(state, input)
      writeFileSync(pem, input)
      const read = expected(['storage-damaged'], () => readState(dataDir))
      if (read !== null) UpdateState.parse(read)
      UpdateState.parse(readStateToChange(dataDir))
      const trustedKeys = expected(['bad-request'], () => readTrustedKeys([dataDir]))
      for (const one of trustedKeys?.values() ?? [])
        if (one.asymmetricKeyType !== 'ed25519' || one.type !== 'public')
          throw new Error('another kind of key is trusted')
    },
    close: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

/** One file of a feed is changed: the input is this file, behind the number of which one it is. */
async function openUpdates(): Promise<Probe> {
  const lab = new FeedLab()
  await lab.publish({ 'main.hsb': signatures(0, 400), 'other.hsb': signatures(900, 910) })
  const installed = lab.computer()
  await lab.update(installed)
  const old = JSON.stringify(inUse(installed))
  await lab.publish({ 'main.hsb': signatures(0, 410), 'more.hsb': signatures(500, 520) })
  const files = readdirSync(lab.feed).sort()
  const whole = files.map((name) => readFileSync(join(lab.feed, name)))
  const ready = lab.computer()
  cpSync(installed, ready, { recursive: true })
  await lab.update(ready)
  const fresh = JSON.stringify(inUse(ready))
  return {
    input: (random) => {
      const which = random.below(files.length)
      const bytes = whole[which] ?? Buffer.alloc(0)
      const tokens = tokensOf('0x1f8b08', '0x0300', '0x00', '0xff')
      const changed = mutated(bytes, random, { tokens, others: whole, mostBytes: 256 * 1024 })
      return Buffer.concat([Buffer.from([which]), random.oneIn(4) ? gzipSync(changed) : changed])
    },
    check: async (input) => {
      const dataDir = lab.computer()
      cpSync(installed, dataDir, { recursive: true })
      const changed = files[input[0] ?? 0]
      const feed = folderSource(lab.feed)
      const source = {
        ...feed,
        read: (name: string, most: number) =>
          name === changed ? Promise.resolve(input.subarray(1)) : feed.read(name, most),
      }
      const failed = await lab.update(dataDir, { sources: [source] }).then(() => null, codeOf)
      const now = JSON.stringify(inUse(dataDir))
      rmSync(dataDir, { recursive: true, force: true })
      if (failed !== null && !/^update-/.test(failed)) throw new Error(`the update ended with ${failed}`)
      if (now !== (failed === null ? fresh : old))
        throw new Error('what is in use is neither the old nor the new version')
    },
    close: () => lab.dispose(),
  }
}
