// An object that only an administrator may change: offered in its row, declined, then continued. The file is immutable for real;
// polkit's question is answered by the test.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { TestComputer } from '../support/app-process.ts'
import { writeInfected } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

let folder: string
let area: string
let computer: TestComputer | undefined

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'administrator-'))
  area = join(folder, 'area')
  mkdirSync(area)
})

test.afterEach(() =>
  endAll(
    () => computer?.quit(),
    () => setImmutable('-i', join(area, 'locked.bin')),
    () => removeFolder(folder),
  ),
)

const setImmutable = (how: '+i' | '-i', file: string): boolean => spawnSync('chattr', [how, file]).status === 0

/** Root, and a file system that keeps the flag. */
function canFlag(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'probe-'))
  writeFileSync(join(probe, 'file'), '')
  const can = setImmutable('+i', join(probe, 'file')) && setImmutable('-i', join(probe, 'file'))
  rmSync(probe, { recursive: true, force: true })
  return can
}

if (canFlag()) {
  for (const theme of ['light', 'dark'] as const) {
    test(`an object that needs an administrator is continued as one from its row (${theme})`, async () => {
      const file = join(area, 'locked.bin')
      writeInfected(file)
      setImmutable('+i', file)
      computer = new TestComputer({
        folder: join(folder, 'computer'),
        portalUrl: 'http://localhost:9',
        area,
        settings: { theme },
      })
      computer.machine.answerAsAdministrator('no')
      const main = await computer.startApp()
      await main.runQuickScan()
      await main.open('Detected objects')
      await expect(main.objectRow('locked.bin')).toContainText('an administrator is needed')
      const details = await main.openDetails('locked.bin')
      await expect(details).toContainText('Only an administrator of the computer can change it.')
      await screenshot(main.page, `app-needs-administrator-${theme}`)
      const button = details.getByRole('button', { name: 'Continue as administrator' })
      await button.click()
      await expect(main.page.getByText('1 object not processed')).toBeVisible()
      expect(existsSync(file)).toBe(true)
      computer.machine.answerAsAdministrator('yes')
      await button.click()
      await expect(main.objectRow('locked.bin').first()).toContainText('Deleted, copy kept')
      await expect(button).toBeHidden()
      expect(existsSync(file)).toBe(false)
      await main.open('Quarantine')
      await expect(main.page.getByText('locked.bin').first()).toBeVisible()
    })
  }
}
