// One scan of the command line: from its paths to its end. Commands say what is done with what it finds.
// Never prints a result and never decides an exit code.
import { randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { FilePath } from '#shared/domain/file-path.ts'
import { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { EngineLink } from '#shared/engine-protocol/engine-link.ts'
import type { ProductError } from '#shared/errors.ts'
import type { EventPayload } from '#shared/rpc/contract.ts'
import { toFilePath } from '../engine/files/path-text.ts'
import { absolutePath, argumentBytes, namedPath, pathError, realPath } from './raw-arguments.ts'
import type { CommandContext } from './session.ts'

export type FinishedScan = EventPayload<EngineContract, 'scan.finished'>

export interface ScanRoot {
  readonly path: FilePath
  readonly isFile: boolean
}

export interface UnusablePath {
  readonly bytes: Buffer
  readonly error: ProductError
}

export interface NamedPaths {
  readonly roots: readonly ScanRoot[]
  readonly unusable: readonly UnusablePath[]
}

export interface ScanJob {
  readonly paths: readonly FilePath[]
  readonly exclude: readonly FilePath[]
  readonly ignoreCache: boolean
  readonly onDetected: (objects: readonly DetectedObject[]) => void
  readonly onNotScanned: (objects: readonly NotScannedObject[]) => void
}

const mostDefaultThreads = 4

/**
 * What the arguments name, and what of it cannot be scanned; a link that is named is what it leads to, for a walk follows none.
 * SECURITY: as bytes, so that no name can point elsewhere than it says.
 */
export function scanRoots(paths: readonly string[]): NamedPaths {
  const roots: ScanRoot[] = []
  const unusable: UnusablePath[] = []
  for (const argument of paths) {
    let bytes = argumentBytes(argument)
    try {
      bytes = absolutePath(argument)
      const place = lstatSync(bytes).isSymbolicLink() ? realPath(bytes) : bytes
      roots.push({ path: toFilePath(place), isFile: lstatSync(place).isFile() })
    } catch (error) {
      unusable.push({ bytes, error: pathError(error, bytes) })
    }
  }
  return { roots, unusable }
}

/** What the line excludes. Throws as `absolutePath`. */
export function excludedPaths({ options }: Pick<CommandContext, 'options'>): FilePath[] {
  return options.exclude.map(namedPath)
}

/** Scan threads for these paths: as told, else one for each core, and one alone for a single file. */
export function workersFor({ options }: CommandContext, roots: readonly ScanRoot[]): number {
  if (options.threads !== null) return options.threads
  const oneFile = roots.length === 1 && roots[0]?.isFile === true
  return oneFile ? 1 : Math.min(mostDefaultThreads, availableParallelism())
}

/** Starts the scan and waits for its end; an interruption stops it. One scan after the other on one link. */
export async function runScan(context: CommandContext, { client }: EngineLink, job: ScanJob): Promise<FinishedScan> {
  const scanId = ScanId.parse(randomUUID())
  const quiet = new AbortController()
  const heard: (() => void)[] = [
    client.on('scan.progress', ({ progress }) => context.terminal.progress(progress)),
    client.on('scan.detected', ({ objects }) => job.onDetected(objects)),
    client.on('scan.notScanned', ({ objects }) => job.onNotScanned(objects)),
  ]
  const finished = new Promise<FinishedScan>((resolve) => {
    heard.push(client.on('scan.finished', resolve))
  })
  await client.call('scan.start', {
    scanId,
    area: { kind: 'paths', paths: [...job.paths] },
    options: {
      exclude: [...job.exclude],
      loadCeilingPercent: context.options.loadPercent,
    },
    expectedFiles: 0,
    resume: false,
    ignoreCache: job.ignoreCache,
  })
  const stop = () => void client.call('scan.control', { scanId, action: 'stop' }).catch(() => undefined)
  // The interruption may have come while the scan was being started.
  if (context.interrupted.aborted) stop()
  else context.interrupted.addEventListener('abort', stop, { signal: quiet.signal })
  const result = await finished
  quiet.abort()
  for (const leave of heard) leave()
  return result
}
