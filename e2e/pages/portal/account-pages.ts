// The portal's pages before sign-in: password page, sign-in, sign-up. Selectors by role and label.
import { expect, type Page } from '@playwright/test'

export class AccountPages {
  private readonly page: Page
  private readonly portalUrl: string

  constructor(page: Page, portalUrl: string) {
    this.page = page
    this.portalUrl = portalUrl
  }

  /** Opens the link of a mail and sets the password; returns when the page says that it is done. */
  async createPassword(link: string, password: string): Promise<void> {
    await this.page.goto(link)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByLabel('Repeat the password').fill(password)
    await this.page.getByRole('button', { name: 'Create password' }).click()
    await expect(this.page.getByRole('heading', { name: 'Password created' })).toBeVisible()
  }

  async openUsedLink(link: string): Promise<void> {
    await this.page.goto(link)
    await expect(this.page.getByRole('button', { name: 'Send again' })).toBeVisible()
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.goto(`${this.portalUrl}/sign-in`)
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(this.page.getByRole('heading', { name: 'Devices' })).toBeVisible()
  }

  /** Portal sign-up: address and password first; ends at "Check your mail". */
  async signUp(email: string, password: string): Promise<void> {
    await this.page.goto(`${this.portalUrl}/sign-in`)
    await this.page.getByRole('button', { name: 'Create', exact: true }).click()
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByLabel('Repeat the password').fill(password)
    await this.page.getByRole('button', { name: 'Create', exact: true }).click()
    await this.expectMailSent()
  }

  /** Opens an activation link and activates. */
  async activate(link: string): Promise<void> {
    await this.page.goto(link)
    await this.page.getByRole('button', { name: 'Activate', exact: true }).click()
    await expect(this.page.getByRole('heading', { name: 'Account activated' })).toBeVisible()
  }

  /** Asks for a link with which a new password is chosen. */
  async forgotPassword(email: string): Promise<void> {
    await this.page.goto(`${this.portalUrl}/sign-in`)
    await this.page.getByRole('link', { name: 'Forgot your password' }).click()
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByRole('button', { name: 'Send the link' }).click()
    await this.expectMailSent()
  }

  /** Fills the two fields of the page that a link opened, and sends them. */
  async choosePassword(password: string): Promise<void> {
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByLabel('Repeat the password').fill(password)
    await this.page
      .locator('form')
      .getByRole('button', { name: /^(Create|Save) password$/ })
      .click()
  }

  private async expectMailSent(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  }
}
