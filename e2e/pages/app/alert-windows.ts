// The three alert windows of the app: an object that was detected, an active infection, a restart that was asked for.
// Selectors by role.
import { expect, type Locator, type Page } from '@playwright/test'

class AlertWindow {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get dialog(): Locator {
    return this.page.getByRole('alertdialog')
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  }

  /** Does something that ends the window, perhaps before the test hears that it was done. */
  async leave(act: () => Promise<void>): Promise<void> {
    const acted = act().catch((error: unknown) => {
      if (!this.page.isClosed()) throw error
    })
    await Promise.all([this.page.waitForEvent('close'), acted])
  }

  /** Answers, and waits for the window to go. */
  answerLast(name: string): Promise<void> {
    return this.leave(() => this.button(name).click())
  }
}

export class ObjectAlertPage extends AlertWindow {
  get position(): Locator {
    return this.page.getByText(/^\d+ of \d+$/)
  }

  get forAll(): Locator {
    return this.page.getByRole('checkbox', { name: /Do the same for all/ })
  }

  async openDetails(): Promise<void> {
    await this.button('Show details').click()
  }

  /** Answers about this one as soon as it takes an answer, and waits for the next. */
  async answer(action: string, next: string): Promise<void> {
    await this.button(action).click()
    await expect(this.position).toHaveText(next)
  }
}

export class InfectionAlertPage extends AlertWindow {
  /** The counter; it shows how much time is left. */
  get counter(): Locator {
    return this.page.getByRole('button', { name: 'Pause the countdown' })
  }

  get isPaused(): Locator {
    return this.page.getByRole('button', { name: 'Pause the countdown', pressed: true })
  }

  choice(name: string): Locator {
    return this.page.getByRole('radio', { name: new RegExp(name) })
  }

  part(name: string): Locator {
    return this.page.getByRole('region', { name })
  }

  get heading(): Locator {
    return this.page.getByRole('heading', { level: 1 })
  }
}

export class RestartAlertPage extends AlertWindow {
  async postpone(time: string): Promise<void> {
    await this.button('Postpone').click()
    await this.leave(() => this.page.getByRole('menuitem', { name: new RegExp(`^${time}`) }).click())
  }
}
