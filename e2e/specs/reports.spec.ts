// Reports in the app: everything that happened, with who asked for it, to filter and to search.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { TestComputer } from '../support/app-process.ts'
import { writeInfected, writeSuspicious } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'

for (const theme of ['light', 'dark'] as const) {
  test(`lists everything that was done and who asked for it, from the start page on (${theme})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reports-'))
    const area = join(folder, 'area')
    mkdirSync(area)
    for (let n = 1; n <= 12; n += 1) writeSuspicious(join(area, `suspect-${n}.js`))
    writeInfected(join(area, 'a-name-that-is-rather-long-as-names-of-installers-are.bin'))
    const computer = new TestComputer({
      folder: join(folder, 'computer'),
      portalUrl: 'http://localhost:9',
      area,
      settings: { theme },
    })
    try {
      const main = await computer.startApp()
      await main.startQuickScan()
      await main.open('Home')
      // What the scan treats by itself is done by then.
      const finished = main.page.getByRole('main').getByText('Quick Scan finished, 13 objects found')
      await expect(finished).toBeVisible({ timeout: 40_000 })
      await main.open('Detected objects')
      await expect(main.objectRow('suspect-12.js')).toContainText('Kept')
      const details = await main.openDetails('suspect-12.js')
      await expect(details).toContainText('Found by Quick Scan')
      await expect(details).toContainText('not surely infected: left for a person to decide')
      await screenshot(main.page, `app-kept-details-${theme}`)
      await main.page.getByRole('button', { name: 'Process all' }).click()
      await main.open('Home')
      await expect(main.page.getByRole('main').getByText('12 objects processed')).toBeVisible()
      await screenshot(main.page, `app-home-events-${theme}`)
      await main.page.getByRole('button', { name: 'Show all', exact: true }).click()
      const list = main.page.getByRole('list', { name: 'Reports' })
      await expect(list.getByRole('listitem').first()).toContainText('12 objects processed')
      await expect(list.getByRole('listitem').first()).toContainText('12 done. Asked for by you.')
      await expect(list).toContainText('Quick Scan finished, 13 objects found')
      await screenshot(main.page, `app-reports-${theme}`)
      await main.page.keyboard.press('Control+f')
      await main.page.keyboard.type('started')
      await expect(list.getByRole('listitem')).toHaveCount(1)
      await main.page.getByRole('searchbox', { name: 'Search' }).fill('no such event')
      await expect(main.page.getByText('Nothing matches “no such event”')).toBeVisible()
      await screenshot(main.page, `app-reports-nothing-${theme}`)
      await main.page.getByRole('button', { name: 'Clear search' }).click()
      await main.page.getByRole('radio', { name: /^Critical/ }).check()
      await expect(main.page.getByRole('list', { name: 'Reports' })).toContainText('Quick Scan finished')
    } finally {
      await computer.quit()
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
