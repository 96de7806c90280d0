// A real portal for tests: in-memory or on disk, on a free loopback port.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createPortal, type Portal } from '../app.ts'
import type { Clock } from '../clock.ts'
import type { PortalConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { emptyDatabase } from './empty-database.ts'

export const migrations = path.join(import.meta.dirname, '../storage/migrations')

export interface TestPortal {
  readonly portal: Portal
  readonly url: string
  close(): Promise<void>
}

export interface TestPortalOptions {
  readonly config?: Partial<PortalConfig>
  readonly clock?: Clock
  readonly webRoot?: string
}

export async function startPortal({ config = {}, clock, webRoot }: TestPortalOptions = {}): Promise<TestPortal> {
  const portal = await createPortal({
    config: {
      port: 0,
      publicUrl: null,
      dataDir: null,
      databaseUrl: null,
      smtpUrl: null,
      mailFrom: 'Portal <portal@localhost>',
      trustedProxies: [],
      logLevel: 'silent',
      ...config,
    },
    log: createLog(process.env.TEST_LOG ?? 'silent'),
    migrations,
    seed: await emptyDatabase(),
    webRoot: webRoot ?? '/nonexistent',
    ...(clock ? { clock } : {}),
  })
  const url = await portal.listen()
  return { portal, url, close: () => portal.close() }
}

export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'portal-test-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
