// One run of the engine for the command line: a process of its own, so that a file which kills it does not end the run.
// Owns its start and end; what it is asked is the commands' business.
import os from 'node:os'
import path from 'node:path'
import { defaultQuarantineBytes, defaultRetentionDays } from '#shared/domain/quarantine-limits.ts'
import { engineProtocolVersion } from '#shared/engine-protocol/engine-contract.ts'
import { createEngineLink, type EngineLink, type EngineLinkState } from '#shared/engine-protocol/engine-link.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { forkLauncher } from '../engine-host/fork-launcher.ts'
import { takeAppLock } from '../process/app-lock.ts'
import { dataFolder } from '../process/data-folder.ts'
import { makeDataFolder } from '../process/make-data-folder.ts'
import type { ParsedOptions } from './options.ts'
import type { Terminal } from './terminal.ts'
import { throwawayKey, vaultKey } from './vault-key.ts'

export interface CommandContext {
  readonly options: ParsedOptions
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of the built entries. */
  readonly programDir: string
  /** Fires when the person interrupts. */
  readonly interrupted: AbortSignal
}

export interface SessionNeeds {
  readonly workers: number
  /** Quarantine is opened: the app must not run meanwhile. */
  readonly treats: boolean
}

/** The data folder of this installation. */
export function dataFolderOf({ env }: Pick<CommandContext, 'env'>): string {
  return dataFolder({ platform: process.platform, env, home: os.homedir() })
}

/**
 * Runs `use` with an engine, and ends the engine. Fails at once when there is no hope of an engine. Throws ProductError `io-error`
 * (the data folder cannot be used), `app-running`, `storage-locked`, `secrets-unavailable`, `databases-unusable`, ...
 */
export async function withEngine<T>(
  context: CommandContext,
  needs: SessionNeeds,
  use: (link: EngineLink) => Promise<T>,
): Promise<T> {
  const dataDir = dataFolderOf(context)
  makeDataFolder(dataDir)
  const lock = needs.treats ? await takeAppLock(dataDir, 'command') : null
  const watch = watchStart()
  try {
    // The keyring takes its time: only who opens Quarantine asks it.
    const key = needs.treats ? await vaultKey({ ...context, dataDir, note: context.terminal.note }) : throwawayKey()
    const link: EngineLink = createEngineLink({
      onState: (state) => watch.onState(state, link.problem),
      launcher: forkLauncher({
        hostFile: path.join(context.programDir, 'engine-host.js'),
        onLog: context.terminal.note,
      }),
      config: {
        protocol: engineProtocolVersion,
        dataDir,
        databasesDir: context.options.databases === null ? null : path.resolve(context.options.databases),
        vaultKey: key,
        retentionDays: defaultRetentionDays,
        quarantineBytes: defaultQuarantineBytes,
        guardedDirs: portalFolders(context.env),
        scanner: {
          limits: { ...context.options.limits },
          secondEngine: context.options.clamd ? 'when-running' : 'off',
          systemClamav: context.options.systemClamav,
        },
        workers: needs.workers,
      },
    })
    link.start()
    try {
      return await Promise.race([watch.ready.then(() => use(link)), watch.failed])
    } finally {
      await link.stop()
    }
  } finally {
    await lock?.release()
  }
}

/** Where a portal on this computer keeps its data: its own place, and the one it was told. */
function portalFolders(env: CommandContext['env']): string[] {
  const { PROTECTION_DATA_DIR: _, ...others } = env
  const usual = path.join(dataFolder({ platform: process.platform, env: others, home: os.homedir() }), 'portal')
  const told = env.PORTAL_DATA_DIR?.trim()
  return told ? [usual, path.resolve(told)] : [usual]
}

/** Waits for the first start without the limit of a single call: compiling large databases takes its time. */
function watchStart() {
  let begin: () => void = () => undefined
  let fail: (error: ProductError) => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    begin = resolve
  })
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  return {
    ready,
    failed,
    onState: (state: EngineLinkState, problem: ErrorCode | null) => {
      if (state === 'ready') begin()
      else if (state === 'failed') fail(new ProductError(problem ?? 'engine-unavailable'))
    },
  }
}
