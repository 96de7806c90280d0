// Cuts macros and embedded objects out of documents of the old Office formats, in place: their bytes become zeros, their entries
// are cleared, their folder is empty. Size, allocation table and every other stream stay as they are, byte for byte.
// Macro sheets (XLM) and presentations keep such things among their own records: there is no cure for them here.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { ownFindings } from '../whole.ts'
import type { Cure, CureResult } from './cure.ts'
import { type OleEntry, OleRefused, type OleTree, readOleTree } from './ole-tree.ts'

/** Folders of macro projects: of Word, of Excel, of Excel 5, and of the project itself. */
const macroFolders: ReadonlySet<string> = new Set(['MACROS', '_VBA_PROJECT_CUR', '_VBA_PROJECT', 'VBA'])
/** Folders of objects: of Word, and of Excel (one for each). */
const objectFolder = /^(?:ObjectPool|MBD[0-9A-F]{8})$/i
/** Lists of a macro project: nothing worth keeping alone. */
const projectList = /^PROJECT(?:wm|lk)?$/i

export const oleCure: Cure = {
  applies: ({ container }) => container?.format === 'ole',
  cure: ({ bytes, object }) => {
    try {
      return cutOut(bytes, readOleTree(bytes), object)
    } catch (error) {
      if (error instanceof OleRefused) return none(error.message)
      throw error
    }
  },
}

const none = (reason: string): CureResult => ({ kind: 'no-cure', reason })

function cutOut(bytes: Buffer, tree: OleTree, object: DetectedObject): CureResult {
  const wanted = wantedIn(tree.root, object)
  if (wanted === undefined) return none('bad-itself')
  const folders = foldersIn(tree.root, wanted)
  if (folders.length === 0) return none('nothing-to-cut')
  // No folder of them lies in another one.
  const cut = new Set(folders.flatMap(below))
  const rest = below(tree.root).filter((entry) => entry.kind === 'stream' && !cut.has(entry))
  if (rest.every(({ name, size }) => size === 0 || projectList.test(name))) return none('nothing-left')
  const cured = Buffer.from(bytes)
  for (const entry of cut) {
    for (const { at, length } of tree.rangesOf(entry)) cured.fill(0, at, at + length)
    clearEntry(cured, entry)
  }
  for (const folder of folders) cured.writeUInt32LE(0xffffffff, folder.at + 76)
  return { kind: 'cured', bytes: cured, companions: Number.POSITIVE_INFINITY }
}

/** What has to go; undefined when what is bad is in the document's own streams, or nothing but the whole is known. */
function wantedIn(root: OleEntry, object: DetectedObject): ReadonlySet<'macros' | 'objects'> | undefined {
  const wanted = new Set<'macros' | 'objects'>()
  for (const { member, detector } of object.findings) {
    const [first] = member
    if (first !== undefined) {
      const part = partOf(root, first)
      if (part === undefined) return undefined
      wanted.add(part)
    } else if (detector === 'hash' || detector === 'eicar') return undefined
  }
  // A pattern in the document as a whole: everything that can act goes, and the second look says whether that was it.
  return ownFindings(object).length > 0 ? new Set(['macros', 'objects']) : wanted
}

/** By the name of a member: the path of a stream, source of a macro, or a file out of an object. */
function partOf(root: OleEntry, member: string): 'macros' | 'objects' | undefined {
  if (/^VBA\/[^/]*\.bas$/.test(member)) return 'macros'
  const [first = '', ...deeper] = member.split('/')
  if (deeper.some((name) => macroFolders.has(name.toUpperCase())) || macroFolders.has(first.toUpperCase()))
    return 'macros'
  if (objectFolder.test(first)) return 'objects'
  if (deeper.length > 0) return undefined
  return root.children.some((entry) => entry.kind === 'stream' && shownName(entry.name) === first)
    ? undefined
    : 'objects'
}

/** As 7-Zip writes it: characters that no file name has stand as numbers. */
function shownName(name: string): string {
  return [...name].map((letter) => (letter < ' ' ? `[${letter.charCodeAt(0)}]` : letter)).join('')
}

/** Macro projects wherever they are, objects in the document itself; the outermost ones, as far as they are not empty. */
function foldersIn(root: OleEntry, wanted: ReadonlySet<'macros' | 'objects'>): OleEntry[] {
  const found: OleEntry[] = []
  const open = root.children.map((entry) => ({ entry, isOuter: true }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entry, isOuter } = next
    const isMacros = wanted.has('macros') && macroFolders.has(entry.name.toUpperCase())
    const isObject = wanted.has('objects') && isOuter && objectFolder.test(entry.name)
    if (entry.children.length > 0 && (isMacros || isObject)) found.push(entry)
    else open.push(...entry.children.map((child) => ({ entry: child, isOuter: false })))
  }
  return found
}

function below(entry: OleEntry): OleEntry[] {
  const found: OleEntry[] = []
  const open = [...entry.children]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next)
    open.push(...next.children)
  }
  return found
}

/** An entry that is not in use: zeros, and no neighbours. */
function clearEntry(bytes: Buffer, { at }: OleEntry): void {
  bytes.fill(0, at, at + 128)
  bytes.fill(0xff, at + 68, at + 80)
}
