// Puts the files inside database containers in the place of the containers, as if they lay in the folder themselves.
// Uses nothing of a container that is refused; what is inside and not read is counted and named.
import { tmpdir } from 'node:os'
import { type DatabaseFile, kindOf } from '../database-folder.ts'
import { readPieces } from '../line-reader.ts'
import type { Rejected } from '../signature-text.ts'
import type { ContainerKeys } from './container-signature.ts'
import { type ContainedFile, type OpenedContainer, type OpenOptions, openContainer } from './cvd.ts'
import { detachedSignature, systemRoots } from './detached-signature.ts'
import { createSpool, type Spool } from './spool.ts'
import { signaturesIn, unreadNote } from './unread-kinds.ts'

export interface UnpackedFiles {
  /** All files that can be read; those of containers are called `main.cvd/main.hdb`. */
  readonly files: readonly DatabaseFile[]
  readonly rejected: readonly Rejected[]
  /** Call when the content of the files was read. */
  dispose(): void
}

export interface UnpackOptions {
  /** Where large unpacked content lies for a short time, unnamed. Default: the system's folder for that. */
  readonly spoolDir?: string | undefined
  /** Default: ClamAV's own. */
  readonly keys?: ContainerKeys | undefined
}

/** Rule files are kept whole in memory. */
const maxWholeBytes = 64 * 1024 * 1024
/** About six times of the largest official container. */
const maxPackedBytes = 1024 * 1024 * 1024

const withoutSignatures: ReadonlySet<string> = new Set(['', 'info', 'cfg'])

/** Throws nothing for bad containers: each that is not used is named in `rejected`. */
export async function unpackContainers(
  files: readonly DatabaseFile[],
  options: UnpackOptions = {},
): Promise<UnpackedFiles> {
  if (!files.some(({ kind }) => kind === 'container' || kind === 'detached'))
    return { files, rejected: [], dispose: () => {} }
  const spool = createSpool(options.spoolDir ?? tmpdir())
  const rejected: Rejected[] = []
  const reject = (file: string, problem: string): void => void rejected.push({ file, line: 0, problem })
  try {
    const opened = new Map<DatabaseFile, OpenedContainer>()
    for (const file of files) {
      if (file.kind !== 'container') continue
      const result = await opening(file, spool, options.keys)
      if ('refused' in result) reject(file.file, `refused: ${result.refused}`)
      else opened.set(file, result)
    }
    for (const [file, container] of opened) {
      const newer = newerOf(file, container, opened)
      if (newer === null) continue
      reject(file.file, `not used: ${newer} is newer`)
      opened.delete(file)
    }
    for (const [file, container] of opened) {
      for (const problem of notes(container)) reject(file.file, problem)
    }
    const unpacked = files.flatMap((file) => {
      const container = opened.get(file)
      if (container !== undefined) return filesOf(file, container)
      return file.kind === 'container' || file.kind === 'detached' ? [] : [file]
    })
    return { files: unpacked, rejected, dispose: () => spool.dispose() }
  } catch (error) {
    spool.dispose()
    throw error
  }
}

async function opening(
  file: DatabaseFile,
  spool: Spool,
  keys: ContainerKeys | undefined,
): Promise<OpenedContainer | { readonly refused: string }> {
  if (file.size > maxPackedBytes) return { refused: 'it is too large' }
  const isWanted = (name: string): boolean =>
    !['container', 'manifest', 'unread', 'detached', 'recipes', undefined].includes(kindOf(name))
  const roots = keys === undefined ? systemRoots() : (keys.roots?.() ?? [])
  const detached: OpenOptions['detached'] = (container) => detachedSignature({ ...container, path: file.path }, roots)
  try {
    return await openContainer(
      file.file,
      { pieces: () => readPieces(file.path) },
      { spool, isWanted, detached, ...(keys === undefined ? {} : { keys }) },
    )
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { refused: `it cannot be read or unpacked (${code.slice(0, 40)})` }
  }
}

/** freshclam keeps `daily.cvd` or, after a change, `daily.cld`: where both are left, the newer one counts. */
function newerOf(
  file: DatabaseFile,
  { version }: OpenedContainer,
  opened: ReadonlyMap<DatabaseFile, OpenedContainer>,
): string | null {
  for (const [other, container] of opened) {
    if (other === file || baseOf(other.path) !== baseOf(file.path)) continue
    // What nobody signed takes the place of nothing.
    if (/\.cud$/i.test(other.file)) continue
    const isLater = container.version === version && /\.cld$/i.test(other.file) && !/\.cld$/i.test(file.file)
    if (container.version > version || isLater) return other.file
  }
  return null
}

function baseOf(path: string): string {
  return path.replace(/\.[^./]*$/, '')
}

function filesOf(outer: DatabaseFile, { files, builtAt }: OpenedContainer): DatabaseFile[] {
  return files.flatMap(({ name, size, sha256, pieces }): DatabaseFile[] => {
    const kind = kindOf(name)
    if (pieces === null || kind === undefined) return []
    const isWhole = kind === 'rules' && size <= maxWholeBytes
    return [
      {
        file: `${outer.file}/${name}`,
        path: outer.path,
        kind,
        size,
        mtimeMs: builtAt === null ? outer.mtimeMs : Date.parse(builtAt),
        bytes: isWhole ? Buffer.concat(Array.from(pieces(), (piece) => Buffer.from(piece))) : Buffer.alloc(0),
        sha256,
        pieces,
      },
    ]
  })
}

function notes({ files, isDetachedUnchecked }: OpenedContainer): string[] {
  const counts = new Map<string, number>()
  for (const { name, lines, pieces } of files) {
    const extension = /\.([^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? ''
    if (pieces !== null || withoutSignatures.has(extension)) continue
    counts.set(extension, (counts.get(extension) ?? 0) + signaturesIn(extension, lines))
  }
  const unread = unreadNote(counts)
  return [
    ...(unread === null ? [] : [unread]),
    ...files.filter(isTooLarge).map(({ name }) => `${name}: too large`),
    ...(isDetachedUnchecked ? ['its detached signature was not checked, the ones inside were'] : []),
  ]
}

function isTooLarge({ name, size }: ContainedFile): boolean {
  return kindOf(name) === 'rules' && size > maxWholeBytes
}
