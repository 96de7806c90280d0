// The Quarantine section of the app: its copies, what is asked when one is restored, and what is proposed. Selectors by role.
import { expect, type Locator, type Page } from '@playwright/test'
import type { MainWindow } from './main-window.ts'

export class QuarantinePage {
  private readonly main: MainWindow
  readonly page: Page

  constructor(main: MainWindow) {
    this.main = main
    this.page = main.page
  }

  async open(): Promise<void> {
    await this.main.open('Quarantine')
    await expect(this.page.getByRole('heading', { name: 'Quarantine', level: 1 })).toBeVisible()
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ hasText: name })
  }

  get copies(): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('button', { name: /^Actions for/ }) })
  }

  /** From the menu of a copy. Toasts may lie over it: they go by themselves while no mouse is on them. */
  async choose(name: string, item: string): Promise<void> {
    await this.page.mouse.move(300, 30)
    await expect(this.page.getByRole('button', { name: 'Close', exact: true })).toHaveCount(0)
    await this.main.actOn(name, item)
  }

  async search(text: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Search' }).fill(text)
  }

  get question(): Locator {
    return this.page.getByRole('dialog')
  }

  async answer(verb: string): Promise<void> {
    await this.question.getByRole('button', { name: verb, exact: true }).click()
    await expect(this.question.getByRole('button', { name: verb, exact: true })).toHaveCount(0)
  }

  get proposal(): Locator {
    return this.page.getByRole('region', { name: 'Possible false alarm' })
  }
}
