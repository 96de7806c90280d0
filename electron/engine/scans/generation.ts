// One name for everything that decides what a look at a file can say: databases, the engine that matches patterns, settings.
// Results that were made under another name say nothing about a file now. Pure.
import { createHash } from 'node:crypto'
import type { ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'

export interface GenerationParts {
  /** Of the databases; a hash over their content and the engine's version. */
  readonly version: string
  readonly backend: string
  readonly config: ScannerConfig
}

export function generationOf({ version, backend, config }: GenerationParts): string {
  const { limits, ...settings } = config
  const sorted = Object.entries(limits).sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([version, backend, settings, sorted]))
    .digest('hex')
}
