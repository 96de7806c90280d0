// Loads a folder of signature databases once, into parts that every thread can share without loading again.
// Never writes into that folder, never falls back silently: what could not be used is listed in `info.rejected`.
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import type { HashSignatureTables } from '../detect/hash-signatures.ts'
import type { PatternBackend, RuleSet } from '../detect/pattern-engine.ts'
import type { ContainerKeys } from './clamav/container-signature.ts'
import { rejectedList } from './rejected-list.ts'
import { type Compiling, compileRules } from './rule-store.ts'
import { readSignatureSet } from './signature-set.ts'
import type { Rejected } from './signature-text.ts'

/** Structured-clonable: post it to workers as it is; the tables and compiled rules are shared memory. */
export interface LoadedDatabases extends HashSignatureTables {
  readonly info: DatabasesInfo
  readonly rules: RuleSet
  /** Names that are found but not reported. */
  readonly ignored: readonly string[]
  /** For disinfection. */
  readonly recipes: readonly CureRecipe[]
}

export interface LoadOptions {
  readonly source: DatabasesInfo['source']
  /** More folders, used as if their files lay in the first one. */
  readonly besides?: readonly string[]
  /** Folders like `besides`, as far as they can be read; what cannot is in `info.rejected`. */
  readonly ifReadable?: readonly string[]
  /** Folder of ours where compiled rules and large sets of signatures are kept between starts. */
  readonly rulesCacheDir?: string
  /** Default: the best one that loads here. */
  readonly backend?: PatternBackend
  /** Default: `here`. With `elsewhere`, throws ProductError `databases-not-compiled` for a large set without stored form. */
  readonly compiling?: Compiling
  /** When the set was made. Default: as its manifest says, else when its newest file was changed. */
  readonly releasedAt?: string
  /** What was not used in the place of this folder; named first in `info.rejected`. */
  readonly refused?: readonly Rejected[]
  /** Keys of database containers. Default: ClamAV's own. */
  readonly containerKeys?: ContainerKeys
}

/** Throws ProductError `databases-unusable` when the folder cannot be read or holds nothing that can be used. */
export async function loadDatabases(dir: string, options: LoadOptions): Promise<LoadedDatabases> {
  const { rulesCacheDir: storeDir, backend, compiling = 'here', containerKeys } = options
  const set = await readSignatureSet({
    folders: [dir, ...(options.besides ?? [])],
    ifReadable: options.ifReadable ?? [],
    storeDir,
    backend,
    compiling,
    containerKeys,
  })
  const compiled = await compileRules(set.rules, { storeDir, backend, compiling })
  const { hashes, sections, trusted, ignored, recipes } = set
  const tables = [...Object.values(hashes), ...Object.values(sections)]
  const hashSignatures = tables.reduce((sum, { rows }) => sum + rows, 0)
  const usable = hashSignatures + compiled.rules.rules + trusted.rows + recipes.length
  if (usable === 0) throw new ProductError('databases-unusable', 'empty')
  const refused = options.refused ?? []
  const rejected = [...refused, ...set.rejected, ...compiled.rejected]
  return {
    info: {
      version: set.version,
      releasedAt: options.releasedAt ?? set.releasedAt,
      hashSignatures,
      rules: compiled.rules.rules,
      recipes: recipes.length,
      rejected: rejectedList(rejected, refused.length + set.rejectedCount + compiled.rejected.length),
      source: options.source,
    },
    hashes,
    sections,
    trusted,
    rules: compiled.rules,
    ignored,
    recipes,
  }
}
