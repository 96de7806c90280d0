// What the portal is told by its environment, checked once with sentences a person can act on.
// Owns names and defaults of the variables; never reads anything but the object it is given.
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { brand } from '#shared/brand.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface PortalConfig {
  /** 0: any free port. */
  readonly port: number
  /** Origin people use; null: loopback with the real port. */
  readonly publicUrl: string | null
  /** Null keeps everything in memory (tests). */
  readonly dataDir: string | null
  readonly databaseUrl: string | null
  readonly smtpUrl: string | null
  readonly mailFrom: string
  readonly trustedProxies: readonly string[]
  readonly logLevel: LogLevel
}

/** The environment cannot be used; the message has one line for each variable. */
export class ConfigError extends Error {}

const text = z.string().trim()
const absent = z.literal('').transform(() => undefined)
const optional = <T extends z.ZodType>(schema: T) => z.union([absent, schema]).optional()

const Environment = z.object({
  PORTAL_PORT: optional(
    text
      .regex(/^\d{1,5}$/, 'is not a port number')
      .transform(Number)
      .refine((port) => port <= 65_535, 'is not a port number'),
  ),
  PORTAL_URL: optional(text.refine(isOrigin, 'must be an address such as https://my.example.com, without a path')),
  PORTAL_DATA_DIR: optional(text.refine((folder) => path.isAbsolute(folder), 'must be an absolute path')),
  DATABASE_URL: optional(text.regex(/^postgres(ql)?:\/\//, 'must start with postgres://')),
  SMTP_URL: optional(text.regex(/^smtps?:\/\//, 'must start with smtp:// or smtps://')),
  MAIL_FROM: optional(
    text
      .min(3)
      .max(320)
      .regex(/^[^\r\n]*@[^\r\n]*$/, 'must be a mail address'),
  ),
  PORTAL_TRUSTED_PROXIES: optional(
    text.regex(/^[0-9a-fA-F.:/,\s]+$/, 'must be addresses or networks, separated by commas'),
  ),
  PORTAL_LOG_LEVEL: optional(text.pipe(z.enum(logLevels, `must be one of ${logLevels.join(', ')}`))),
})

/** Reads the environment. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): PortalConfig {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${deepest(issue)}`)
    throw new ConfigError(lines.join('\n'))
  }
  const values = parsed.data
  const publicUrl = values.PORTAL_URL === undefined ? null : new URL(values.PORTAL_URL).origin
  const trustedProxies = (values.PORTAL_TRUSTED_PROXIES ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  if (publicUrl !== null && !isLoopbackUrl(publicUrl)) {
    if (!publicUrl.startsWith('https:'))
      throw new ConfigError('PORTAL_URL must use https unless it is this computer (localhost)')
    if (trustedProxies.length === 0) {
      throw new ConfigError(
        'PORTAL_TRUSTED_PROXIES must name the proxy that ends https for PORTAL_URL, for instance 127.0.0.1',
      )
    }
  }
  return {
    port: values.PORTAL_PORT ?? 4180,
    publicUrl,
    dataDir: values.PORTAL_DATA_DIR ?? path.join(platformDataFolder(env), brand.slug, 'portal'),
    databaseUrl: values.DATABASE_URL ?? null,
    smtpUrl: values.SMTP_URL ?? null,
    mailFrom:
      values.MAIL_FROM ??
      `${brand.portal} <no-reply@${publicUrl === null ? 'localhost' : new URL(publicUrl).hostname}>`,
    trustedProxies,
    logLevel: values.PORTAL_LOG_LEVEL ?? 'info',
  }
}

/** True when only this computer can use the address. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname)
}

/** `hostname` as URL gives it (IPv6 in brackets). */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return (
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  )
}

function platformDataFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support')
  return env.XDG_DATA_HOME ?? path.join(os.homedir(), '.local', 'share')
}

/** A union reports its branches; the last one is the real rule. */
function deepest(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.at(-1)?.[0]
    if (inner) return inner.message
  }
  return issue.message
}
