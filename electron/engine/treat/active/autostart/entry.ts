// The shape of what a look for autostart entries finds: a file (or a link) with entries that start the bad file, and what would
// be left of it without them. Never acts.
import type { FileIdentity } from '#shared/domain/object-report.ts'
import { shortened } from '#shared/domain/shortened.ts'
import type { AutostartKind } from '#shared/domain/treatment.ts'
import { toFilePath } from '../../../files/path-text.ts'
import type { Account, Aim } from './aim.ts'
import type { ReadFile, Tree } from './tree.ts'

/** What becomes of a file. `text`: its whole content afterwards, latin1. */
export type Change =
  | { readonly kind: 'remove'; readonly identity: FileIdentity }
  | { readonly kind: 'rewrite'; readonly identity: FileIdentity; readonly text: string }
  /** `of`: the file that goes too and whose link it is; undefined for a link of its own. */
  | { readonly kind: 'unlink'; readonly target: string; readonly of: string | undefined }

export interface FoundFile {
  readonly kind: AutostartKind
  /** Path below the root, latin1. */
  readonly path: string
  /** Each entry as it stands there, for people. */
  readonly entries: readonly string[]
  readonly change: Change
}

/** What one kind of entries is looked for with. `homes`: folders of the people whose entries count. */
export interface Look {
  readonly tree: Tree
  readonly aim: Aim
  readonly accounts: readonly Account[]
  readonly homes: readonly string[]
  /** Of the bad file, where it is one that is loaded. */
  readonly module: string | undefined
}

/** Looks for entries of one kind. Never throws for what lies there. */
export type Finder = (look: Look) => FoundFile[]

const longestEntry = 200
const mostEntries = 50

/** Bytes of a file as a text that is safe to show. */
export function shown(latin1: string): string {
  const bytes = Buffer.from(latin1.trim().slice(0, 4 * longestEntry), 'latin1')
  return bytes.length === 0 ? '' : shortened(toFilePath(bytes).text, longestEntry)
}

export function removed(kind: AutostartKind, path: string, file: ReadFile, entries: readonly string[]): FoundFile {
  return {
    kind,
    path,
    entries: entries.slice(0, mostEntries).map(shown),
    change: { kind: 'remove', identity: file.identity },
  }
}

export function rewritten(
  kind: AutostartKind,
  path: string,
  file: ReadFile,
  { entries, text }: { readonly entries: readonly string[]; readonly text: string },
): FoundFile {
  return {
    kind,
    path,
    entries: entries.slice(0, mostEntries).map(shown),
    change: { kind: 'rewrite', identity: file.identity, text },
  }
}

export function unlinked(kind: AutostartKind, path: string, target: string, of?: string): FoundFile {
  return { kind, path, entries: [shown(`link to ${target}`)], change: { kind: 'unlink', target, of } }
}

/** The lines of a text, each with its end. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

/** Paths of what is in a folder. */
export function pathsIn(tree: Tree, folder: string, isMeant: (name: string) => boolean = () => true): string[] {
  return tree
    .names(folder)
    .filter(isMeant)
    .map((name) => `${folder}/${name}`)
}

/** Links in a folder that lead to the bad file itself: whatever runs what is in the folder runs it. */
export function linksToIt({ tree, aim }: Look, kind: AutostartKind, folder: string): FoundFile[] {
  return pathsIn(tree, folder).flatMap((path) => {
    const target = tree.link(path)
    return target !== undefined && aim.look(path) === 'it' ? [unlinked(kind, path, target)] : []
  })
}
