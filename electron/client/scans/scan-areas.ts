// Which places a scan looks at and which it leaves out, from its type, the settings and the environment. Pure.
import { createHash } from 'node:crypto'
import type { AppSettings } from '#shared/domain/app-state.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { ScanArea, ScanOptions, ScanType } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { ClientPorts } from '../ports.ts'

export interface ScanRequest {
  readonly type: ScanType
  /** Of a custom scan. */
  readonly paths?: readonly string[]
  readonly origin: Origin
}

/** The environment goes before the settings, the settings before the built-in areas. */
export function areaOf(request: ScanRequest, settings: AppSettings, overrides: ClientPorts['areaOverrides']): ScanArea {
  switch (request.type) {
    case 'quick':
      return named('quick', overrides?.quick ?? [], settings.scan.quickAreas)
    case 'full':
      return named('full', overrides?.full ?? [], settings.scan.fullAreas)
    case 'custom': {
      const paths = asPaths(request.paths ?? [])
      if (paths.length === 0) throw new ProductError('bad-path')
      return { kind: 'paths', paths }
    }
  }
}

function named(kind: 'quick' | 'full', override: readonly string[], setting: readonly string[]): ScanArea {
  const paths = asPaths(override.length > 0 ? override : setting)
  return paths.length > 0 ? { kind: 'paths', paths } : { kind }
}

function asPaths(paths: readonly string[]): FilePath[] {
  return paths
    .filter((text) => text !== '')
    .slice(0, 1000)
    .map((text) => ({ text }))
}

/** The own data folders are always left out; scans that nobody at the computer waits for keep within the load ceiling. */
export function optionsOf(origin: Origin, settings: AppSettings, ownFolders: readonly string[]): ScanOptions {
  return {
    exclude: asPaths([...ownFolders, ...settings.scan.exclude]),
    loadCeilingPercent: isWaitedFor(origin) ? 100 : settings.scan.remoteLoadCeilingPercent,
  }
}

function isWaitedFor({ kind }: Origin): boolean {
  return kind === 'local'
}

/** A short name for an area, so that the next scan of it knows how many files to expect. */
export function areaKey(type: ScanType, area: ScanArea): string {
  if (area.kind !== 'paths') return area.kind
  const text = area.paths.map((path) => path.bytes ?? path.text).join('\0')
  return `${type}:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}
