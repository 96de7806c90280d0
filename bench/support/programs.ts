// Trees to scan that every machine has, with markers planted in them: a copy of the system's programs, and one of sources and
// texts.
import { copyFileSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { infectedMarkerBytes, suspiciousMarkerBytes } from '#shared/testing/samples.ts'
import { inProject } from './project.ts'

const programs = '/usr/bin'
const libraryRoot = '/usr/lib'
const mostBytes = 400_000_000
const mostLibraryBytes = 1_000_000_000
/** Of sources, which are many and small. */
const mostSources = 15_000
export const planted = 12

export interface Programs {
  readonly files: number
  readonly bytes: number
  /** Where it was copied from. */
  readonly source: string
}

/** Regular files only; nothing outside of the copy is ever looked at. */
export function copyPrograms(tree: string): Programs {
  const names = readdirSync(programs).sort()
  return copyInto(
    tree,
    names.map((name) => join(programs, name)),
    programs,
  )
}

/** Programs and the libraries they load: so much that loading the rules is little beside it. */
export function copyProgramsAndLibraries(tree: string): Programs {
  // With types: only then are links to folders not followed.
  const libraries = readdirSync(libraryRoot, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.so(\.|$)/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const all = [
    ...readdirSync(programs)
      .sort()
      .map((name) => join(programs, name)),
    ...libraries,
  ]
  return copyInto(tree, all, `${programs} and the libraries in ${libraryRoot}`, mostLibraryBytes)
}

/** The packages that this project is built with: JavaScript, types, texts, few programs. */
export function copySources(tree: string): Programs {
  const root = inProject('node_modules')
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  // Spread over all packages.
  const every = Math.max(1, Math.floor(names.length / mostSources))
  const chosen = names.filter((_name, at) => at % every === 0)
  return copyInto(
    tree,
    chosen.map((name) => join(root, name)),
    'node_modules',
  )
}

function copyInto(tree: string, paths: readonly string[], source: string, most = mostBytes): Programs {
  mkdirSync(tree, { recursive: true })
  let [files, bytes] = [0, 0]
  for (const file of paths) {
    const facts = lstatSync(file)
    if (!facts.isFile() || bytes + facts.size > most) continue
    copyFileSync(file, join(tree, `${files}-${basename(file)}`))
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
