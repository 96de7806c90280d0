// The settings as they are stored. Read = parse, fill what an older version did not have, parse.
import { z } from 'zod'
import { AppSettings } from '../domain/app-state.ts'
import { defaultTreatmentSettings } from '../domain/policy.ts'
import { defaultQuarantineBytes, defaultRetentionDays } from '../domain/quarantine-limits.ts'

export const defaultSettings: AppSettings = {
  treatment: defaultTreatmentSettings,
  scan: { quickAreas: [], fullAreas: [], exclude: [], remoteLoadCeilingPercent: 50 },
  fileProtection: { enabled: true, folders: [] },
  clamav: { ask: false, databases: false },
  quarantine: { retentionDays: defaultRetentionDays, limitBytes: defaultQuarantineBytes },
  activeInfection: { restartAtZero: false },
  notifyOnRemoteScan: false,
  theme: 'system',
  ignoredProblems: [],
}

export const SettingsFile = z.strictObject({ version: z.literal(1), settings: AppSettings })
export type SettingsFile = z.infer<typeof SettingsFile>

const Section = z.record(z.string(), z.unknown())
const Stored = z.object({ version: z.literal(1), settings: Section })

/** The settings in a stored value; null when it cannot be read. Missing parts get their defaults. */
export function readSettings(stored: unknown): AppSettings | null {
  const outer = Stored.safeParse(stored)
  if (!outer.success) return null
  const given = outer.data.settings
  const filled = Object.fromEntries(
    Object.entries(defaultSettings).map(([name, fallback]) => [name, fill(fallback, given[name])]),
  )
  const parsed = AppSettings.safeParse(filled)
  return parsed.success ? parsed.data : null
}

function fill(fallback: unknown, given: unknown): unknown {
  if (given === undefined) return fallback
  const base = Section.safeParse(fallback)
  const over = Section.safeParse(given)
  return base.success && over.success && !Array.isArray(fallback) ? { ...base.data, ...over.data } : given
}
