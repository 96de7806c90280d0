// Debian's records: `/var/lib/dpkg/info/*.md5sums`, lines `md5  path`, and for settings files `Conffiles:` in
// `/var/lib/dpkg/status`, lines ` /path md5`. Only reads.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageRecord } from './package-record.ts'

export const dpkgRecord: PackageRecord = async (root, { path, md5 }) => {
  const folder = join(root, 'var/lib/dpkg/info')
  const names = namesInRecords(path)
  const files = recordFiles(folder).flatMap((file) => sumsIn(readRecord(join(folder, file)), names))
  const recorded = [...files, ...sumsOfSettings(readRecord(join(root, 'var/lib/dpkg/status')), path)]
  return recorded.length > 0 && recorded.includes(await md5())
}

/** `usr/bin/x` and, since the folders were merged, `bin/x` name the same file. */
function namesInRecords(path: Buffer): Buffer[] {
  const text = path.subarray(1)
  const names = [text]
  if (text.subarray(0, 4).equals(Buffer.from('usr/'))) names.push(text.subarray(4))
  return names.map((name) => Buffer.concat([Buffer.from('  '), name, Buffer.from('\n')]))
}

function sumsIn(record: Buffer, names: readonly Buffer[]): string[] {
  return names.flatMap((name) => {
    const at = record.indexOf(name)
    return at < 32 ? [] : [record.toString('latin1', at - 32, at)]
  })
}

/** Several packages may have had it. A line with a word more is of one that has it no longer. */
function sumsOfSettings(status: Buffer, path: Buffer): string[] {
  const line = Buffer.concat([Buffer.from('\n '), path, Buffer.from(' ')])
  const sums: string[] = []
  for (let at = status.indexOf(line); at !== -1; at = status.indexOf(line, at + 1)) {
    const from = at + line.length
    if (status[from + 32] === 0x0a) sums.push(status.toString('latin1', from, from + 32))
  }
  return sums
}

function recordFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.md5sums'))
  } catch {
    // No dpkg on this machine.
    return []
  }
}

function readRecord(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
