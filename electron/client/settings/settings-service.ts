// The settings of the app: loaded once, changed section by section, saved through the settings port. Unreadable settings
// are reported, and defaults are used until somebody changes them.
import type { AppSettings } from '#shared/domain/app-state.ts'
import { canIgnore, type Problem } from '#shared/domain/problem.ts'
import { ProductError } from '#shared/errors.ts'
import { defaultSettings, readSettings, type SettingsFile } from '#shared/files/settings-file.ts'
import type { LogPort, SettingsPort } from '../ports.ts'
import type { Topics } from '../state/topics.ts'

/** The fields that were given; `undefined` counts as not given. */
export type SettingsChange = { readonly [K in keyof AppSettings]?: AppSettings[K] | undefined }

export interface SettingsService {
  load(): Promise<void>
  get(): AppSettings
  change(change: SettingsChange): Promise<void>
  /** Hides a notice or brings it back; critical problems are refused with `forbidden`. */
  ignoreProblem(key: string, ignored: boolean, problems: readonly Problem[]): Promise<void>
}

export interface SettingsDeps {
  readonly port: SettingsPort
  readonly topics: Topics
  readonly log: LogPort
  readonly onDamaged: () => void
}

export function createSettingsService({ port, topics, log, onDamaged }: SettingsDeps): SettingsService {
  async function read(): Promise<AppSettings> {
    try {
      const stored = await port.load()
      if (stored === undefined || stored === null) return defaultSettings
      const settings = readSettings(stored)
      if (settings) return settings
    } catch (error) {
      log.error('settings cannot be read', { error: String(error) })
    }
    onDamaged()
    return defaultSettings
  }

  let turn: Promise<unknown> = Promise.resolve()

  /** One change after the other: each is made of what the one before has left. */
  function inTurn(act: () => Promise<void>): Promise<void> {
    const mine = turn.then(act)
    turn = mine.catch(() => undefined)
    return mine
  }

  async function change(given: SettingsChange): Promise<void> {
    const fields = Object.entries(given).filter(([, value]) => value !== undefined)
    const next: AppSettings = { ...topics.get('settings'), ...Object.fromEntries(fields) }
    const file: SettingsFile = { version: 1, settings: next }
    try {
      await port.save(file)
    } catch (error) {
      throw new ProductError('io-error', 'settings', { cause: error })
    }
    topics.update('settings', () => next)
  }

  return {
    async load() {
      const settings = await read()
      topics.update('settings', () => settings)
    },
    get: () => topics.get('settings'),
    change: (given) => inTurn(() => change(given)),
    ignoreProblem: (key, ignored, problems) =>
      inTurn(async () => {
        const current = topics.get('settings').ignoredProblems
        const problem = problems.find((candidate) => candidate.key === key)
        if (ignored && !problem) throw new ProductError('not-found')
        if (ignored && problem && !canIgnore(problem)) throw new ProductError('forbidden')
        if (current.includes(key) === ignored) return
        const others = current.filter((candidate) => candidate !== key)
        await change({ ignoredProblems: ignored ? [...others, key].slice(-100) : others })
      }),
  }
}
