// A scanner over databases that a test writes down, and a folder of its own to put files into.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eicarBytes, infectedMarkerBytes, suspiciousMarkerBytes } from '../../../../shared/testing/samples.ts'
import { type LoadedDatabases, loadDatabases } from '../../databases/databases.ts'
import type { Limits } from '../../limits/limits.ts'
import { createScanner, type FileScanResult, type Scanner } from '../../scanner.ts'

export const eicar = Buffer.from(eicarBytes())
export const infectedMarker = Buffer.from(infectedMarkerBytes())
export const suspiciousMarker = Buffer.from(suspiciousMarkerBytes())

export class Lab {
  readonly dir = mkdtempSync(join(tmpdir(), 'engine-lab-'))
  private readonly scanners: Scanner[] = []
  private folders = 0

  /** Databases from these files, keyed by file name. */
  async databases(files: Readonly<Record<string, string>>): Promise<LoadedDatabases> {
    this.folders += 1
    const dir = join(this.dir, `databases-${this.folders}`)
    mkdirSync(dir)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    return loadDatabases(dir, { source: 'folder' })
  }

  /** Without files: the seed databases. */
  async scanner(files?: Readonly<Record<string, string>>, limits: Partial<Limits> = {}): Promise<Scanner> {
    const databases =
      files === undefined ? await loadDatabases('resources/databases', { source: 'seed' }) : await this.databases(files)
    const scanner = await createScanner(databases, { limits })
    this.scanners.push(scanner)
    return scanner
  }

  /** Writes a file of this name (text or bytes); its path. */
  file(name: string | Buffer, data: Buffer | string): Buffer {
    const path = Buffer.concat([Buffer.from(`${this.dir}/`), Buffer.from(name)])
    writeFileSync(path, data)
    return path
  }

  dispose(): void {
    for (const scanner of this.scanners) scanner.dispose()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Threats with the member they are in: `a.zip!b` is `a.zip` = the file, `b` = its member. */
export function found(result: FileScanResult): string[] {
  if (result.kind !== 'detected') return []
  return result.object.findings.map(({ member, threat }) => [...member, threat].join('!'))
}

/** Reasons of everything that was not looked at, with its member. */
export function missed(result: FileScanResult): string[] {
  return result.notScanned.map(({ member, reason }) => [...member, reason].join('!'))
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
