// The app's main window: navigation by the sidebar and what each section shows. Selectors by role.
import { expect, type Locator, type Page } from '@playwright/test'
import type { ScanTopic } from '../../../shared/domain/app-state.ts'
import type { FinishedScan } from '../../../shared/domain/scan.ts'
import { appState, callBridge } from '../../support/bridge.ts'
import { scanMs, startMs } from '../../support/waits.ts'

export type SectionName =
  | 'Home'
  | 'Security'
  | 'Detected objects'
  | 'Quarantine'
  | 'Reports'
  | 'Notification Center'
  | 'Settings'
  | 'Profile'

export class MainWindow {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async open(section: SectionName): Promise<void> {
    const item = this.page
      .getByRole('navigation', { name: 'Sections' })
      .getByRole('button', { name: new RegExp(`^${section}`) })
    await item.click()
    await expect(item).toHaveAttribute('aria-current', 'page')
  }

  /** The line that says that a remote scan runs and who asked for it. */
  get remoteScanLine(): Locator {
    return this.page.getByText(/started remotely by/)
  }

  async stopScan(): Promise<void> {
    await this.open('Security')
    await this.page.getByRole('button', { name: 'Stop', exact: true }).click()
  }

  /**
   * Started, and under way or over already. Not earlier: the app shows Security once more when the engine has taken the scan up,
   * and would lead away from a section that is opened before.
   */
  async startQuickScan(): Promise<void> {
    await this.beginQuickScan()
  }

  /** Started and over, with the treatment of all that it found: nothing happens by itself any more. */
  async runQuickScan(): Promise<void> {
    const before = await this.beginQuickScan()
    await expect.poll(async () => isOver(await this.scan(), before), { timeout: scanMs }).toBe(true)
  }

  /** Resolves to the scan that was the last one before. */
  private async beginQuickScan(): Promise<FinishedScan | null> {
    await this.open('Security')
    const button = this.page.getByRole('button', { name: 'Start Quick Scan' })
    await expect(button).toBeEnabled({ timeout: startMs })
    const { last: before } = await this.scan()
    await button.click()
    const isUnderWay = async () => {
      const scan = await this.scan()
      return isOver(scan, before) || (scan.running !== null && scan.running.progress.percent !== null)
    }
    await expect.poll(isUnderWay, { timeout: scanMs, intervals: [50] }).toBe(true)
    return before
  }

  private async scan(): Promise<ScanTopic> {
    return (await appState(this.page)).scan.value
  }

  async expectConnected(email: string): Promise<void> {
    await this.open('Profile')
    await expect(this.page.getByRole('heading', { name: email })).toBeVisible()
    await expect(this.page.getByText('Connected to My Kaspersky')).toBeVisible()
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

  /** What the search box says it searches is not cut off. */
  isPlaceholderWhole(): Promise<boolean> {
    return this.page.getByRole('searchbox', { name: 'Search' }).evaluate((element) => {
      const box = element as HTMLInputElement
      const { font, letterSpacing, paddingLeft, paddingRight } = getComputedStyle(box)
      const pen = document.createElement('canvas').getContext('2d')
      if (pen === null) return false
      Object.assign(pen, { font, letterSpacing })
      const room = box.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
      return pen.measureText(box.placeholder).width <= room
    })
  }

  async hideDetails(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Hide details of ${name}` }).click()
  }

  /** The "⋯" of an object's row. */
  menuOf(name: string): Locator {
    return this.page.getByRole('button', { name: `Actions for ${name}` })
  }

  menuItem(action: string): Locator {
    return this.page.getByRole('menuitem', { name: action, exact: true })
  }

  async actOn(name: string, action: string): Promise<void> {
    await this.menuOf(name).click()
    await this.menuItem(action).click()
  }

  /** What app and portal call an object. */
  async idOf(name: string): Promise<string> {
    const query = { filter: 'all', search: name, offset: 0, limit: 1 }
    const answer = await callBridge(this.page, 'detections.list', query)
    const [object] = answer.ok ? (answer.value as { readonly objects: readonly { readonly id: string }[] }).objects : []
    if (object === undefined) throw new Error(`${name} is not listed`)
    return object.id
  }

  get restartProblem(): Locator {
    return this.page.getByText('Restart needed to finish disinfection')
  }
}

function isOver({ running, last }: ScanTopic, before: FinishedScan | null): boolean {
  return running === null && last !== null && last.scanId !== before?.scanId
}
