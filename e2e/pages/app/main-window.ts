// The app's main window: navigation by the sidebar and what each section shows. Selectors by role.
import { expect, type Locator, type Page } from '@playwright/test'

export type SectionName =
  | 'Home'
  | 'Security'
  | 'Detected objects'
  | 'Quarantine'
  | 'Notification Center'
  | 'Settings'
  | 'Profile'

export class MainWindow {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async open(section: SectionName): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Sections' })
      .getByRole('button', { name: new RegExp(`^${section}`) })
      .click()
  }

  /** The line that says that a remote scan runs and who asked for it. */
  get remoteScanLine(): Locator {
    return this.page.getByText(/started remotely by/)
  }

  async stopScan(): Promise<void> {
    await this.open('Security')
    await this.page.getByRole('button', { name: 'Stop', exact: true }).click()
  }

  async startQuickScan(): Promise<void> {
    await this.open('Security')
    await this.page.getByRole('button', { name: 'Start Quick Scan' }).click()
  }

  async expectConnected(email: string): Promise<void> {
    await this.open('Profile')
    await expect(this.page.getByRole('heading', { name: email })).toBeVisible()
    await expect(this.page.getByText('Connected to My Kaspersky')).toBeVisible({ timeout: 15_000 })
  }

  /** A problem in the Notification Center, by its title. */
  async expectProblem(title: string): Promise<void> {
    await this.open('Notification Center')
    await expect(this.page.getByText(title, { exact: true })).toBeVisible()
  }

  objectRow(name: string): Locator {
    return this.page.getByRole('row').filter({ hasText: name })
  }

  /** The evidence under an object's row. */
  async openDetails(name: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `Show details of ${name}` }).click()
    return this.page.locator('.detected-details')
  }

  async actOn(name: string, action: string): Promise<void> {
    await this.page.getByRole('button', { name: `Actions for ${name}` }).click()
    await this.page.getByRole('menuitem', { name: action, exact: true }).click()
  }

  get restartProblem(): Locator {
    return this.page.getByText('Restart needed to finish disinfection')
  }
}
