// The Reports section of the app: its filters, its lines, a scan that is opened, saving. Selectors by role. Owns the answer to the
// native dialog that asks where to save.
import { expect, type Locator, type Page } from '@playwright/test'
import type { TestComputer } from '../../support/app-process.ts'
import type { MainWindow } from './main-window.ts'

export class ReportsPage {
  private readonly main: MainWindow
  private readonly computer: TestComputer
  readonly page: Page

  constructor(main: MainWindow, computer: TestComputer) {
    this.main = main
    this.computer = computer
    this.page = main.page
  }

  async open(): Promise<void> {
    await this.main.open('Reports')
    await expect(this.page.getByRole('heading', { name: 'Reports', level: 1 })).toBeVisible()
  }

  get list(): Locator {
    return this.page.getByRole('list', { name: 'Reports' })
  }

  /** The events themselves, without the lists of a scan that is open. */
  get lines(): Locator {
    return this.list.locator(':scope > * > [role="listitem"]')
  }

  grade(name: 'All' | 'Critical' | 'Important' | 'Informational'): Locator {
    return this.page.getByRole('radio', { name: new RegExp(`^${name}`) })
  }

  async search(text: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Search' }).fill(text)
  }

  async choose(filter: 'Period' | 'Component', option: string): Promise<void> {
    await this.page.getByRole('combobox', { name: filter }).click()
    await this.page.getByRole('option', { name: new RegExp(`^${option}`) }).click()
  }

  /** With the keyboard alone. Returns what was found, left out and so on. */
  async openScan(title: string): Promise<Locator> {
    const line = this.lines.filter({ hasText: title })
    await line.getByRole('button', { name: /^Show details of/ }).focus()
    await this.page.keyboard.press('Enter')
    await expect(line.getByRole('button', { name: /^Hide details of/ })).toHaveAttribute('aria-expanded', 'true')
    return line.locator('.report-scan')
  }

  /** From now on the person chooses this file, or Cancel. */
  async answerSaveDialog(file: string | null): Promise<void> {
    await this.computer.electron.evaluate(({ dialog }, filePath) => {
      const answer = { canceled: filePath === null, filePath: filePath ?? '' }
      dialog.showSaveDialog = (async () => answer) as typeof dialog.showSaveDialog
    }, file)
  }

  async save(kind: 'Table for spreadsheets (CSV)' | 'Plain text'): Promise<void> {
    await this.page.getByRole('button', { name: 'Save to file' }).click()
    await this.main.menuItem(kind).click()
  }
}
