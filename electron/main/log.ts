// The log of the app, through electron-log: a file in the data folder that is turned over, and warnings on the error stream.
// Writes texts and plain facts. SECURITY: facts whose name sounds like a secret are never written, errors only by name and message.
import path from 'node:path'
import electronLog from 'electron-log/main.js'
import type { LogPort } from '../client/ports.ts'

const maxFileBytes = 2_000_000
const secretName =
  /pass(word|phrase)?|secret|token|proof|private|credential|authorization|cookie|nonce|salt|vault.?key/i

/** The log port of the product. */
export function createLog(dataDir: string): LogPort {
  const file = electronLog.transports.file
  file.resolvePathFn = () => path.join(dataDir, 'logs', 'app.log')
  file.maxSize = maxFileBytes
  file.level = 'info'
  electronLog.transports.console.level = 'warn'
  electronLog.transports.ipc.level = false
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (text: string, facts: Record<string, unknown> = {}) => {
      const line = Object.keys(facts).length === 0 ? text : `${text} ${JSON.stringify(withoutSecrets(facts))}`
      electronLog[level](line)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/** What may be written of some facts: short, flat, nothing secret. */
export function withoutSecrets(
  facts: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, secretName.test(name) ? '(not logged)' : plain(value)]),
  )
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
  return (text ?? '').slice(0, 500)
}
