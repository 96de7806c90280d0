// One device on the portal: scans, problems, activity, detected objects.
import { expect, type Locator, type Page } from '@playwright/test'

export class DevicePage {
  private readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async startQuickScan(): Promise<void> {
    await this.chooseScan('Quick Scan')
  }

  async startFullScan(): Promise<void> {
    await this.chooseScan('Full Scan')
  }

  async scanFolder(path: string): Promise<void> {
    await this.chooseScan('Scan folder…')
    await this.page.getByLabel('Folder or file').fill(path)
    await this.page.getByRole('dialog').getByRole('button', { name: 'Scan', exact: true }).click()
    await expect(this.page.getByRole('dialog')).toHaveCount(0)
  }

  /** The newest scan in the activity list; stopping one is a row of its own. */
  get newestActivity(): Locator {
    return this.page
      .getByRole('region', { name: 'Activity' })
      .locator('.activity')
      .filter({ hasText: /^(Quick|Full|Custom) Scan/ })
      .first()
  }

  async expectNewest(words: RegExp, timeout = 30_000): Promise<void> {
    await expect(this.newestActivity).toContainText(words, { timeout })
  }

  /** The names of the steps a command went through, in order. */
  async stepsOfNewest(): Promise<string[]> {
    const row = this.newestActivity
    await row.getByRole('button', { name: /^Steps of/ }).click()
    const steps = await row.locator('.activity-steps li').allInnerTexts()
    await row.getByRole('button', { name: /^Steps of/ }).click()
    return steps.map((step) => step.split('\n')[0] ?? '')
  }

  get runningNow(): Locator {
    return this.page.getByRole('region', { name: 'Running now' })
  }

  get problems(): Locator {
    return this.page.getByRole('region', { name: /Security problems/ })
  }

  async openOverview(): Promise<void> {
    await this.page.getByRole('link', { name: 'Overview' }).click()
  }

  async openObjects(): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Parts of the device' })
      .getByRole('link', { name: /Detected objects/ })
      .click()
  }

  async showTreated(): Promise<void> {
    await this.page.getByRole('radio', { name: /^Treated/ }).click()
  }

  objectRow(name: string): Locator {
    return this.page.getByRole('row').filter({ hasText: name })
  }

  get groupSentence(): Locator {
    return this.page.getByText(/objects found\. Review them one by one in the app on this computer\./)
  }

  async processAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Process all' }).click()
  }

  async disconnect(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `More for ${name}` }).click()
    await this.page.getByRole('menuitem', { name: 'Disconnect device' }).click()
    await this.page.getByRole('dialog').getByRole('button', { name: 'Disconnect device' }).click()
  }

  private async chooseScan(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Scan', exact: true }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }
}
