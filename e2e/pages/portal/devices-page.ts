// The portal's Devices page: cards of the account's computers.
import { expect, type Locator, type Page } from '@playwright/test'

export class DevicesPage {
  private readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  card(name: string): Locator {
    return this.page.getByRole('listitem').filter({ has: this.page.getByRole('link', { name, exact: true }) })
  }

  async expectOnline(name: string): Promise<void> {
    await expect(this.card(name).getByText('Online', { exact: true })).toBeVisible()
  }

  async open(name: string): Promise<void> {
    await this.page.getByRole('link', { name, exact: true }).click()
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible()
  }
}
