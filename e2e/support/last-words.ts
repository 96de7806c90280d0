// What an app said last, kept with the result of its test: where only the printed report is left of a run, it says why.
// Owns these attachments; a test passes or fails without them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, test } from '@playwright/test'
import { titleOf } from './title-of.ts'

/** The printed report shows this much of an attachment. */
const shownCharacters = 290
const mostParts = 5

/** Attaches what every open window shows and the end of the app's log. Never fails a test. */
export async function keepLastWords(windows: readonly Page[], dataDir: string): Promise<void> {
  for (const page of windows) {
    const text = await page
      .locator('body')
      .innerText({ timeout: 1_000 })
      .catch(() => '(no answer)')
    const shown = text.replace(/\s*\n\s*/g, ' | ')
    await attach(`window ${await titleOf(page)}`, shown.slice(0, shownCharacters * mostParts))
  }
  const log = join(dataDir, 'logs', 'app.log')
  if (existsSync(log)) await attach('log of the app', readFileSync(log, 'utf8').slice(-shownCharacters * mostParts))
}

async function attach(name: string, text: string): Promise<void> {
  for (let at = 0; at < text.length; at += shownCharacters) {
    const body = text.slice(at, at + shownCharacters)
    await test.info().attach(name, { body, contentType: 'text/plain' })
  }
}
