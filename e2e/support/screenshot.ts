// Pictures of every window and page, for people to look at; in a folder that git ignores.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'

const folder = join(import.meta.dirname, '..', 'screenshots')

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  // Transitions are shown as they end; nobody has to wait for them.
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
