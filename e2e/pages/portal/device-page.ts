// One device on the portal: scans, problems, activity, detected objects.
import { expect, type Locator, type Page } from '@playwright/test'
import { scanMs } from '../../support/waits.ts'
import { toastCalled } from '../toasts.ts'

export class DevicePage {
  private readonly page: Page

  /** The scan that was asked for last, as the portal named it; undefined when it was refused. */
  private lastScan: { readonly deviceId: string; readonly id: string } | undefined

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
    const scan = this.page.getByRole('dialog').getByRole('button', { name: 'Scan', exact: true })
    await Promise.all([this.postedCommand(), scan.click()])
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

  /** Waits until the scan asked for last has ended, by the portal's own word, then checks what the page says of it. */
  async expectEnded(words: RegExp, timeout = scanMs): Promise<void> {
    await expect.poll(() => this.statusOfLastScan(), { timeout }).toMatch(/^(done|failed|cancelled|expired)$/)
    await expect(this.newestActivity).toContainText(words)
  }

  private async statusOfLastScan(): Promise<string> {
    if (!this.lastScan) throw new Error('no scan was asked for, or it was refused')
    const { deviceId, id } = this.lastScan
    const origin = new URL(this.page.url()).origin
    const answer = await this.page.request.get(`${origin}/api/devices/${deviceId}/commands`).catch(() => undefined)
    if (!answer?.ok()) return 'no answer'
    const { commands } = (await answer.json()) as { commands: { id: string; status: string }[] }
    return commands.find((command) => command.id === id)?.status ?? 'unknown'
  }

  /** What the page says of the newest scan, whether it has ended or not. */
  async expectNewest(words: RegExp): Promise<void> {
    await expect(this.newestActivity).toContainText(words)
  }

  /** The steps that the newest scan went through, by their names, in order and all of them. */
  async expectSteps(...names: readonly string[]): Promise<void> {
    await this.stepsToggle.click()
    await expect(this.stepsOfNewest).toHaveText(names.map((name) => new RegExp(`^${name}`)))
    await this.stepsToggle.click()
  }

  /** How often the newest scan went through this step. */
  async expectStep(name: string, times: number): Promise<void> {
    await this.stepsToggle.click()
    await expect(this.stepsOfNewest.filter({ hasText: new RegExp(`^${name}`) })).toHaveCount(times)
    await this.stepsToggle.click()
  }

  private get stepsToggle(): Locator {
    return this.newestActivity.getByRole('button', { name: /^Steps of/ })
  }

  private get stepsOfNewest(): Locator {
    return this.newestActivity.locator('.activity-steps li')
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

  /** The evidence under an object's row. */
  async openDetails(name: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `Show details of ${name}` }).click()
    return this.page.locator('.objects-details')
  }

  /** From the menu of an object's row. */
  async chooseAct(name: string, action: string): Promise<void> {
    await this.page.getByRole('button', { name: `More actions for ${name}` }).click()
    await this.page.getByRole('menuitem', { name: action, exact: true }).click()
  }

  /** Answers the question, and tells what it says while it goes. */
  answerQuestion(verb: string): Promise<string> {
    return this.page.getByRole('dialog').evaluate(async (dialog, wanted) => {
      const button = [...dialog.querySelectorAll('button')].find(({ textContent }) => textContent === wanted)
      if (button === undefined) throw new Error(`the question has no ${wanted}: ${dialog.textContent}`)
      button.click()
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame)
      return dialog.textContent ?? ''
    }, verb)
  }

  /** A result that is told in passing, by its title. */
  toast(title: string): Locator {
    return toastCalled(this.page, title)
  }

  get groupSentence(): Locator {
    return this.page.getByText(/objects found\. Review them one by one in the app on this computer\./)
  }

  /** What the portal's server says to an act on this one object, whatever the page offers: "ok", or the code of its refusal. */
  answerToAct(action: string, id: string): Promise<string> {
    const deviceId = new URL(this.page.url()).pathname.split('/')[2] ?? ''
    return this.page.evaluate(
      async ({ deviceId, action, id }) => {
        const { csrfToken } = (await (await fetch('/api/session')).json()) as { csrfToken: string }
        const answer = await fetch(`/api/devices/${deviceId}/commands`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken },
          body: JSON.stringify({
            id: crypto.randomUUID(),
            body: { kind: 'detections.act', args: { action, ids: [id] } },
          }),
        })
        return answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code
      },
      { deviceId, action, id },
    )
  }

  async processAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Process all' }).click()
  }

  /** From the menu of the device. */
  async askToRestart(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `More for ${name}` }).click()
    await this.page.getByRole('menuitem', { name: 'Ask to restart' }).click()
  }

  /** The newest request to restart in the activity list. */
  get newestRestart(): Locator {
    return this.page
      .getByRole('region', { name: 'Activity' })
      .locator('.activity')
      .filter({ hasText: /^Restart/ })
      .first()
  }

  async disconnect(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `More for ${name}` }).click()
    await this.page.getByRole('menuitem', { name: 'Disconnect device' }).click()
    await this.page.getByRole('dialog').getByRole('button', { name: 'Disconnect device' }).click()
  }

  private async chooseScan(item: string): Promise<void> {
    const isScan = item !== 'Scan folder…'
    await this.page.getByRole('button', { name: 'Scan', exact: true }).click()
    const posted = isScan ? this.postedCommand() : undefined
    await Promise.all([posted, this.page.getByRole('menuitem', { name: item }).click()])
  }

  private async postedCommand(): Promise<void> {
    const answer = await this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && /\/api\/devices\/[^/]+\/commands$/.test(response.url()),
    )
    if (!answer.ok()) {
      this.lastScan = undefined
      return
    }
    const { command } = (await answer.json()) as { command: { id: string; deviceId: string } }
    this.lastScan = command
  }
}
