// A tree to scan that every machine has: a copy of the system's programs, with markers planted in it.
import { copyFileSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { infectedMarkerBytes, suspiciousMarkerBytes } from '#shared/testing/samples.ts'

const source = '/usr/bin'
const mostBytes = 400_000_000
export const planted = 12

export interface Programs {
  readonly files: number
  readonly bytes: number
  /** Where it was copied from. */
  readonly source: string
}

/** Regular files only; nothing outside of the copy is ever looked at. */
export function copyPrograms(tree: string): Programs {
  mkdirSync(tree, { recursive: true })
  let [files, bytes] = [0, 0]
  for (const name of readdirSync(source).sort()) {
    const file = join(source, name)
    const facts = lstatSync(file)
    if (!facts.isFile() || bytes + facts.size > mostBytes) continue
    copyFileSync(file, join(tree, name))
    files += 1
    bytes += facts.size
  }
  for (let index = 0; index < planted; index++) {
    const content = plantedContent(index)
    writeFileSync(join(tree, plantedName(index)), content)
    files += 1
    bytes += content.length
  }
  return { files, bytes, source }
}

export function plantedName(index: number): string {
  return `planted-${index}.bin`
}

/** A marker of the seed rules behind some text; each file is another one. */
export function plantedContent(index: number): Buffer {
  const marker = index % 2 === 0 ? infectedMarkerBytes() : suspiciousMarkerBytes()
  return Buffer.concat([Buffer.alloc(index * 5000, `line ${index}\n`), marker])
}
