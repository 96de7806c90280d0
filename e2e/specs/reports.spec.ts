// Reports in the app: everything that happened, with who asked for it, to filter, to search, to open and to save.
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { ReportsPage } from '../pages/app/reports-page.ts'
import { TestComputer } from '../support/app-process.ts'
import { writeHarmless, writeInfected, writeSuspicious, writeZip } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const longName = 'a-name-that-is-rather-long-as-names-of-installers-are.bin'

/** Lines as an earlier version wrote them, newest last: of Quarantine, and one end of a scan. */
function earlierLines(count: number): string {
  const line = (n: number, title: string) => {
    const at = new Date(Date.now() - (count - n + 1) * 3_600_000).toISOString()
    const event = { id: crypto.randomUUID(), at, grade: 'important', title, detail: `Eicar-Test in /home/${title}` }
    return `${JSON.stringify({ version: 1, event })}\n`
  }
  const copies = Array.from({ length: count }, (_, n) => line(n, `=1+${n} ${longName} restored from Quarantine`))
  return [...copies, line(count, 'Full Scan finished, nothing found')].join('')
}

for (const theme of ['light', 'dark'] as const) {
  test.describe(`reports (${theme})`, () => {
    let folder = ''
    let computer: TestComputer

    test.beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'reports-'))
      const area = join(folder, 'area')
      mkdirSync(area)
      for (let n = 1; n <= 12; n += 1) writeSuspicious(join(area, `suspect-${n}.js`))
      writeInfected(join(area, longName))
      computer = new TestComputer({
        folder: join(folder, 'computer'),
        portalUrl: 'http://localhost:9',
        area,
        settings: { theme },
      })
    })
    test.afterEach(() =>
      endAll(
        () => computer.quit(),
        () => removeFolder(folder),
      ),
    )

    async function scanned(): Promise<MainWindow> {
      const main = await computer.startApp()
      await main.runQuickScan()
      await main.open('Home')
      await expect(main.page.getByRole('main').getByText('Quick Scan finished, 13 objects found')).toBeVisible()
      return main
    }

    test('lists everything that was done and who asked for it, from the start page on', async () => {
      const main = await scanned()
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
      const reports = new ReportsPage(main, computer)
      await expect(reports.lines.first()).toContainText('12 objects processed')
      await expect(reports.lines.first()).toContainText('12 done. Asked for by you.')
      await expect(reports.list).toContainText('Quick Scan finished, 13 objects found')
      await screenshot(main.page, `app-reports-${theme}`)
      await main.page.keyboard.press('Control+f')
      await main.page.keyboard.type('started')
      await expect(reports.lines).toHaveCount(1)
      await reports.search('no such event')
      await expect(main.page.getByText('Nothing matches “no such event”')).toBeVisible()
      await screenshot(main.page, `app-reports-nothing-${theme}`)
      await main.page.getByRole('button', { name: 'Clear search' }).click()
      await reports.grade('Critical').check()
      await expect(reports.list).toContainText('Quick Scan finished')
    })

    test('shows a period and a component, says which filter hides what, and takes each away', async () => {
      const main = await scanned()
      const reports = new ReportsPage(main, computer)
      await reports.open()
      await reports.choose('Period', 'Last 7 days')
      await reports.choose('Component', 'Scans')
      await expect(reports.lines).toHaveCount(2)
      await expect(reports.grade('Important')).toHaveAccessibleName(/ 0$/)
      await reports.grade('Important').check()
      await expect(main.page.getByText('No event fits these filters')).toBeVisible()
      await expect(main.page.getByText('2 events are of other grades.')).toBeVisible()
      await screenshot(main.page, `app-reports-filtered-away-${theme}`)
      await main.page.getByRole('button', { name: 'Show all grades' }).press('Enter')
      await expect(reports.grade('All')).toBeFocused()
      await expect(reports.lines).toHaveCount(2)
      await reports.choose('Period', 'Chosen days')
      await main.page.getByLabel('Last day').fill('2020-01-02')
      await expect(main.page.getByText('2 events are from other days.')).toBeVisible()
      await screenshot(main.page, `app-reports-chosen-days-${theme}`)
      await main.page.getByRole('button', { name: 'Clear all filters' }).click()
      await expect(reports.lines).toHaveCount(2)
      await main.page.getByRole('combobox', { name: 'Component' }).click()
      await expect(main.page.getByRole('option', { name: /^Databases/ })).toHaveAttribute('data-combobox-disabled')
      await screenshot(main.page, `app-reports-components-${theme}`)
      await main.page.keyboard.press('Escape')
    })

    test('opens a scan: what it was, what it found with the state now, what it left out', async () => {
      const broken = join(folder, 'area', 'broken.zip')
      writeZip(broken, { 'a.txt': (file) => writeHarmless(file, 'nothing to see here\n'.repeat(1000)) })
      truncateSync(broken, 60)
      const main = await scanned()
      const reports = new ReportsPage(main, computer)
      await reports.open()
      const scan = await reports.openScan('Quick Scan finished')
      for (const words of [
        'Quick Scan',
        'on the device',
        '13 objects',
        'suspect-',
        'broken.zip',
        'Ends too early2 scanned in part',
      ])
        await expect(scan).toContainText(words)
      await expect(scan.getByText('Kept').first()).toBeVisible()
      await screenshot(main.page, `app-reports-scan-${theme}`)
      await scan.getByRole('button', { name: 'Show all 13 objects' }).click()
      await expect(scan.locator('.report-found')).toHaveCount(13)
      await expect(scan.locator('.report-found').last()).toContainText(longName)
      await expect(scan.locator('.report-found').last()).toContainText('Deleted, copy kept')
      await scan.getByRole('region', { name: 'Left out' }).scrollIntoViewIfNeeded()
      await screenshot(main.page, `app-reports-left-out-${theme}`)
      await main.page.setViewportSize({ width: 880, height: 600 })
      await screenshot(main.page, `app-reports-small-${theme}`)
    })

    test('reads what an earlier version wrote, and saves all pages of it without making a formula', async () => {
      writeFileSync(join(computer.dataDir, 'history.jsonl'), earlierLines(170))
      const main = await computer.startApp()
      const reports = new ReportsPage(main, computer)
      await reports.open()
      await expect(reports.grade('All')).toHaveAccessibleName(/ 171$/)
      await expect(await reports.openScan('Full Scan finished')).toContainText('an earlier version of the app wrote it')
      await screenshot(main.page, `app-reports-full-${theme}`)
      await reports.choose('Component', 'Quarantine')
      await expect(reports.grade('All')).toHaveAccessibleName(/ 170$/)
      const file = join(folder, 'all.csv')
      await reports.answerSaveDialog(file)
      await reports.save('Table for spreadsheets (CSV)')
      await expect(main.page.getByText(`170 events in ${file}`)).toBeVisible()
      const rows = readFileSync(file, 'utf8').trimEnd().split('\r\n')
      expect(rows).toHaveLength(171)
      expect(rows.filter((row) => row.includes(`"'=1+`))).toHaveLength(170)
    })

    test('saves what is shown where the person says, and says why it was not saved', async () => {
      const main = await scanned()
      const reports = new ReportsPage(main, computer)
      await reports.open()
      const file = join(folder, 'my report.csv')
      await reports.answerSaveDialog(null)
      await reports.save('Table for spreadsheets (CSV)')
      await reports.answerSaveDialog(file)
      await reports.choose('Component', 'Scans')
      await expect(reports.lines).toHaveCount(2)
      await reports.save('Table for spreadsheets (CSV)')
      await expect(main.page.getByText(`2 events in ${file}`)).toBeVisible()
      await screenshot(main.page, `app-reports-saved-${theme}`)
      expect(lstatSync(file).mode & 0o777).toBe(0o600)
      const rows = readFileSync(file, 'utf8').trimEnd().split('\r\n')
      expect(rows[0]).toBe('\uFEFF"Time","Grade","Component","Event","Details"')
      expect(rows[1]).toMatch(
        /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d","Critical","Scans","Quick Scan finished, /,
      )
      expect(rows).toHaveLength(3)
      const link = join(folder, 'link.txt')
      writeFileSync(join(folder, 'mine'), 'mine')
      symlinkSync(join(folder, 'mine'), link)
      await reports.answerSaveDialog(link)
      await reports.save('Plain text')
      await expect(main.page.getByText('The report was not saved')).toBeVisible()
      await screenshot(main.page, `app-reports-not-saved-${theme}`)
      expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine')
    })
  })
}
