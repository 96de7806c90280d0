// Several names of one file: what its content says is found once, for all of them; every name is reported.
// What a name can add (rules that ask for it, names that deceive) is looked for under a few different names of each file.
// Remembers results by inode within one scan. Never asks the file system.
import { toFilePath } from '../files/path-text.ts'
import type { FileScanResult } from '../scanner.ts'
import type { FeedFile } from './feed-queue.ts'

/** Above this many files with several names, further ones are simply read again. */
const maxInodes = 200_000
/** Different base names under which one file is read; further ones count as the first of them. */
const maxNames = 8

/** Names of a file that differ in their folder only. */
interface Group {
  result: FileScanResult | null
  waiting: FeedFile[]
}

interface Inode {
  readonly first: Group
  readonly byName: Map<string, Group>
  /** Until the first name is read: it may say enough for all. */
  waiting: FeedFile[]
  /** What was found does not depend on a name. */
  forAll: FileScanResult | null
}

/** A name whose file was read under another name. */
export interface LinkedName {
  readonly file: FeedFile
  readonly result: FileScanResult
}

/** What follows from a result: names that have theirs by that, and names that have to be read. */
export interface Settled {
  readonly names: readonly LinkedName[]
  readonly toRead: readonly FeedFile[]
}

const nothing: Settled = { names: [], toRead: [] }

export class Links {
  readonly #inodes = new Map<string, Inode>()

  /**
   * Asks whether `file` has to be read: `read` yes; `wait` another name of it is being read; else the result of the
   * other name, for this one.
   */
  ask(file: FeedFile): 'read' | 'wait' | FileScanResult {
    if (file.link === null) return 'read'
    const inode = this.#inodes.get(file.link)
    if (inode) return answerFor(inode, file)
    if (this.#inodes.size < maxInodes) {
      const first: Group = { result: null, waiting: [] }
      this.#inodes.set(file.link, { first, byName: new Map([[baseOf(file), first]]), waiting: [], forAll: null })
    }
    return 'read'
  }

  /** The file was read under this name. */
  settle(file: FeedFile, result: FileScanResult): Settled {
    const inode = file.link === null ? undefined : this.#inodes.get(file.link)
    const group = inode?.byName.get(baseOf(file))
    if (!inode || !group) return nothing
    const waiting = [...group.waiting, ...inode.waiting]
    group.waiting = []
    inode.waiting = []
    // That one name cannot be read says nothing about the others.
    if (result.kind !== 'not-scanned') group.result = result
    else if (group === inode.first) this.#inodes.delete(file.link ?? '')
    else inode.byName.delete(baseOf(file))
    if (isForAll(result)) inode.forAll ??= result
    const names: LinkedName[] = []
    const toRead: FeedFile[] = []
    for (const each of waiting) {
      const answer = this.ask(each)
      if (answer === 'read') toRead.push(each)
      else if (answer !== 'wait') names.push({ file: each, result: answer })
    }
    return { names, toRead }
  }
}

function answerFor(inode: Inode, file: FeedFile): 'read' | 'wait' | FileScanResult {
  if (inode.forAll) return forName(inode.forAll, file)
  if (inode.first.result === null) {
    inode.waiting.push(file)
    return 'wait'
  }
  const name = baseOf(file)
  const group = inode.byName.get(name) ?? (inode.byName.size < maxNames ? null : inode.first)
  if (group === null) {
    inode.byName.set(name, { result: null, waiting: [] })
    return 'read'
  }
  if (group.result) return forName(group.result, file)
  group.waiting.push(file)
  return 'wait'
}

/** What only the name makes suspicious is not said of other names; what is known to be bad by its content is, at once. */
function isForAll(result: FileScanResult): boolean {
  if (result.kind !== 'detected') return false
  return result.object.findings.some(({ verdict, detector }) => verdict !== 'risky' && detector !== 'heuristic')
}

function baseOf({ path }: FeedFile): string {
  return path.toString('latin1', path.lastIndexOf('/') + 1)
}

/** The same findings under another name; nothing was read for it. */
function forName(result: FileScanResult, file: FeedFile): FileScanResult {
  const path = toFilePath(file.path)
  const notScanned = result.notScanned.map((each) => ({ ...each, path }))
  const nothingRead = { notScanned, objects: 0, bytes: 0 }
  return result.kind === 'detected'
    ? { ...result, ...nothingRead, object: { ...result.object, path } }
    : { ...result, ...nothingRead }
}
