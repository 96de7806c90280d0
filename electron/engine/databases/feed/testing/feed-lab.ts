// A feed with a key of its own, a folder that it is published from, and computers that update from it: real files, real keys.
// Used by tests only.
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type FeedManifest, manifestName, readManifest, signManifest } from '../feed-format.ts'
import { keyIdOf, type TrustedKeys } from '../feed-keys.ts'
import { type FeedSource, folderSource } from '../feed-source.ts'
import { publishFeed } from '../publish.ts'
import { type UpdateOptions, type UpdateResult, updateDatabases } from '../update.ts'
import { readState, updatesFolder } from '../update-state.ts'

const dayMs = 24 * 3_600_000
export const epoch = Date.parse('2026-01-01T00:00:00Z')

export class FeedLab {
  readonly dir = mkdtempSync(join(tmpdir(), 'feed-lab-'))
  /** What is published. */
  readonly folder = join(this.dir, 'published')
  readonly feed = join(this.dir, 'feed')
  readonly privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey
  readonly keys: TrustedKeys = trusted(this.privateKey)
  private computers = 0

  constructor() {
    mkdirSync(this.folder)
  }

  /** Changes the published folder (null removes a file) and publishes it, a day after the version before. */
  async publish(files: Readonly<Record<string, string | Buffer | null>>): Promise<FeedManifest> {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) rmSync(join(this.folder, name))
      else writeFileSync(join(this.folder, name), content)
    }
    const version = existsSync(join(this.feed, manifestName)) ? this.manifest().version + 1 : 1
    const now = new Date(epoch + version * dayMs)
    return publishFeed({ folder: this.folder, feed: this.feed, key: this.privateKey, now })
  }

  manifest(): FeedManifest {
    return readManifest(readFileSync(join(this.feed, manifestName)), this.keys).manifest
  }

  /** The file of something that is no manifest, with a signature that fits. */
  signAnything(body: unknown): Buffer {
    const bytes = Buffer.from(JSON.stringify(body))
    const signature = sign(
      null,
      Buffer.concat([Buffer.from('remote-protection feed manifest 1\n'), bytes]),
      this.privateKey,
    )
    const line = `remote-protection-feed 1 ${keyIdOf(this.privateKey)} ${signature.toString('base64')}\n`
    return Buffer.concat([Buffer.from(line), bytes])
  }

  /** Signs a changed manifest, as only who has the key can. */
  resign(change: (manifest: FeedManifest) => FeedManifest): void {
    writeFileSync(join(this.feed, manifestName), signManifest(change(this.manifest()), this.privateKey))
  }

  /** A folder with the public key. */
  keysFolder(): string {
    const folder = join(this.dir, 'keys')
    mkdirSync(folder, { recursive: true })
    const half = createPublicKey(this.privateKey)
    writeFileSync(join(folder, 'lab.pem'), half.export({ type: 'spki', format: 'pem' }))
    return folder
  }

  /** The data folder of another computer. */
  computer(): string {
    this.computers += 1
    const dataDir = join(this.dir, `computer-${this.computers}`)
    mkdirSync(dataDir)
    return dataDir
  }

  /** Updates at the time of the newest version; `read` has the names that were asked for. */
  async update(dataDir: string, changed: Partial<UpdateOptions> = {}): Promise<UpdateResult & { read: string[] }> {
    const { source, read } = watched(folderSource(this.feed))
    const now = new Date(epoch + 10 * dayMs)
    const result = await updateDatabases({ dataDir, sources: [source], keys: this.keys, now, ...changed })
    return { ...result, read }
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** The public half of this private key, as the only one. */
export function trusted(key: KeyObject): TrustedKeys {
  return new Map([[keyIdOf(key), createPublicKey(key)]])
}

/** Many signatures, all of them different and the same in every run: `from` to `to`. */
export function signatures(from: number, to: number): string {
  const lines = Array.from({ length: to - from }, (_, at) => {
    const digest = createHash('sha256')
      .update(`${from + at}`)
      .digest('hex')
    return `${digest}:${from + at + 1}:Test.Sample.${from + at}\n`
  })
  return lines.join('')
}

/** A source that remembers what it was asked for. */
export function watched(source: FeedSource): { source: FeedSource; read: string[] } {
  const read: string[] = []
  return {
    read,
    source: {
      place: source.place,
      read: (name, mostBytes) => {
        read.push(name)
        return source.read(name, mostBytes)
      },
    },
  }
}

/** Puts other content behind a packed file of a feed; what the manifest has to say of it. */
export function repack(feed: string, name: string, bytes: Buffer): { name: string; size: number; sha256: string } {
  const packed = gzipSync(bytes)
  writeFileSync(join(feed, name), packed)
  return { name, size: packed.length, sha256: createHash('sha256').update(packed).digest('hex') }
}

/** The files of the version in use with their content; null when it is the product's own. */
export function inUse(dataDir: string): Record<string, string> | null {
  const { current } = readState(dataDir)
  if (current === null) return null
  const folder = join(updatesFolder(dataDir), current.folder)
  const names = readdirSync(folder).filter((name) => name !== manifestName)
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

/** What lies in the folder of installed versions. */
export function left(dataDir: string): string[] {
  return existsSync(updatesFolder(dataDir)) ? readdirSync(updatesFolder(dataDir)).sort() : []
}
