// Trees with harmless test content, made at run time: EICAR and the product's own markers, plain and in containers that
// independent programs (7z, tar) wrote.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { eicarBytes, infectedMarkerBytes, suspiciousMarkerBytes } from '../../shared/testing/samples.ts'
import { endedWithWorker } from './teardown.ts'

export function writeEicar(file: string): void {
  writeFileSync(file, eicarBytes())
}

/** A text file that is malware as a whole. */
export function writeInfected(file: string): void {
  writeFileSync(
    file,
    Buffer.concat([Buffer.from('some text before\n'), infectedMarkerBytes(), Buffer.from('\nand after\n')]),
  )
}

export function writeSuspicious(file: string): void {
  writeFileSync(file, Buffer.concat([Buffer.from(`note ${basename(file)}\n`), suspiciousMarkerBytes()]))
}

export function writeHarmless(file: string, text = 'nothing to see here\n'): void {
  writeFileSync(file, text)
}

/** Files of 3 MB that cannot be compressed and hold nothing, so that a scan has something to do. */
export function writeBulk(folder: string, files: number): void {
  mkdirSync(folder)
  for (let i = 0; i < files; i++) writeFileSync(join(folder, `blob-${i}.bin`), randomBytes(3_000_000))
}

/** A zip with the given members, made by 7z. */
export function writeZip(file: string, members: Record<string, (path: string) => void>): void {
  inStaging(file, members, (folder, names) => {
    execFileSync('7z', ['a', '-tzip', '-bd', '-y', file, ...names], { cwd: folder, stdio: 'ignore' })
  })
}

/** A password-protected zip. */
export function writeEncryptedZip(file: string, members: Record<string, (path: string) => void>): void {
  inStaging(file, members, (folder, names) => {
    execFileSync('7z', ['a', '-tzip', '-psecret', '-bd', '-y', file, ...names], { cwd: folder, stdio: 'ignore' })
  })
}

/** A tar.gz, made by tar. */
export function writeTarGz(file: string, members: Record<string, (path: string) => void>): void {
  inStaging(file, members, (folder, names) => {
    execFileSync('tar', ['czf', file, ...names], { cwd: folder })
  })
}

/** Content of a zip's member, read by 7z. */
export function readZipMember(file: string, member: string): Buffer {
  return execFileSync('7z', ['x', '-so', '-bd', file, member], { stdio: ['ignore', 'pipe', 'ignore'] })
}

export function zipMembers(file: string): string[] {
  const listing = execFileSync('7z', ['l', '-slt', '-ba', file], { encoding: 'utf8' })
  return [...listing.matchAll(/^Path = (.*)$/gm)].map((match) => match[1] ?? '')
}

/** A program that carries the infected marker and runs until it is ended: a copy of `sleep` with data appended. */
export function startInfectedProgram(file: string): ChildProcess {
  copyFileSync('/bin/sleep', file)
  appendFileSync(file, infectedMarkerBytes())
  chmodSync(file, 0o755)
  return endedWithWorker(spawn(file, ['3600'], { stdio: 'ignore' }))
}

function inStaging(
  file: string,
  members: Record<string, (path: string) => void>,
  make: (folder: string, names: string[]) => void,
): void {
  const folder = `${file}.staging`
  mkdirSync(folder, { recursive: true })
  for (const [name, write] of Object.entries(members)) write(join(folder, name))
  make(folder, Object.keys(members))
  rmSync(folder, { recursive: true })
}
