// Makes archives for tests, honest and dishonest ones, in memory and byte by byte where a tool would refuse to.
import { createRequire } from 'node:module'
import { deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string | Buffer
  readonly data: Buffer
  /** Default: deflate. */
  readonly method?: 0 | 8
  /** Bit 0: encrypted. */
  readonly flags?: number
  /** False: only a local record, not in the directory. */
  readonly listed?: boolean
  /** What the directory says of the method instead of the truth. */
  readonly listedMethod?: number
}

/** A ZIP of these entries. `prefix` comes before it without the offsets knowing. */
export function makeZip(entries: readonly ZipEntry[], prefix = Buffer.alloc(0)): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name)
    const method = entry.method ?? 8
    const packed = method === 8 ? deflateRawSync(entry.data) : entry.data
    const sizes = { packed: packed.length, size: entry.data.length, flags: entry.flags ?? 0 }
    const local = Buffer.concat([localHeader(name, { ...sizes, method }), packed])
    if (entry.listed !== false)
      directory.push(directoryEntry(name, { ...sizes, method: entry.listedMethod ?? method, at }))
    locals.push(local)
    at += local.length
  }
  const listing = Buffer.concat(directory)
  return Buffer.concat([prefix, ...locals, listing, endRecord(directory.length, listing.length, at)])
}

interface Fields {
  readonly packed: number
  readonly size: number
  readonly flags: number
  readonly method: number
}

export function localHeader(name: Buffer, fields: Fields): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(fields.flags, 6)
  header.writeUInt16LE(fields.method, 8)
  header.writeUInt32LE(fields.packed, 18)
  header.writeUInt32LE(fields.size, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, name])
}

export function directoryEntry(name: Buffer, fields: Fields & { at: number }): Buffer {
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(20, 6)
  header.writeUInt16LE(fields.flags, 8)
  header.writeUInt16LE(fields.method, 10)
  header.writeUInt32LE(fields.packed, 20)
  header.writeUInt32LE(fields.size, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt32LE(fields.at, 42)
  return Buffer.concat([header, name])
}

export function endRecord(entries: number, size: number, at: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(at, 16)
  return end
}

/** A tar of these members; names up to 100 bytes. */
export function makeTar(members: readonly { name: string; data: Buffer; type?: string }[]): Buffer {
  const blocks = members.flatMap(({ name, data, type }) => {
    const header = Buffer.alloc(512)
    header.write(name, 0, 'utf8')
    header.write('0000644\0', 100)
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write(type ?? '0', 156)
    header.write('ustar\x0000', 257)
    header.write('        ', 148)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

interface SevenZipModule {
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void
    utime(path: string, accessedMs: number, modifiedMs: number): void
    readFile(path: string): Uint8Array
  }
  callMain(args: string[]): number
}

/** Of all members, so that the same ones make the same archive. */
const memberTimeMs = Date.UTC(2026, 0, 1)

/** An archive made by 7-Zip itself: `options` such as `-tbzip2`, `-psecret`, `-mhe=on`. */
export async function makeWithSevenZip(
  options: readonly string[],
  members: Readonly<Record<string, Buffer>>,
): Promise<Buffer> {
  const factory = createRequire(import.meta.url)('7z-wasm') as (given: object) => Promise<SevenZipModule>
  const lines: string[] = []
  const module = await factory({
    print: (line: string) => lines.push(line),
    printErr: (line: string) => lines.push(line),
  })
  for (const [name, data] of Object.entries(members)) {
    module.FS.writeFile(`/${name}`, data)
    module.FS.utime(`/${name}`, memberTimeMs, memberTimeMs)
  }
  const code = module.callMain(['a', '-bd', ...options, '/archive', ...Object.keys(members).map((name) => `/${name}`)])
  if (code !== 0) throw new Error(lines.join('\n'))
  return Buffer.from(
    module.FS.readFile(lines.find((line) => line.startsWith('Creating archive: '))?.slice(18) ?? '/archive'),
  )
}
