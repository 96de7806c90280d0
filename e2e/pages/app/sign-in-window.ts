// The app's sign-in window: sign in, or ask for an account.
import { expect, type Page } from '@playwright/test'
import type { Credentials } from '../../support/portal-account.ts'

export class SignInWindow {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async create(email: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByRole('button', { name: 'Create' }).click()
    await expect(this.page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  }

  async backToSignIn(): Promise<void> {
    await this.page.getByRole('button', { name: /Back to sign in/ }).click()
  }

  async fillAndSubmit(email: string, password: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  /** With what the portal knows; done when the window is gone. */
  async signIn({ email, password }: Credentials): Promise<void> {
    await Promise.all([this.page.waitForEvent('close'), this.fillAndSubmit(email, password)])
  }

  async expectMessage(words: RegExp): Promise<void> {
    await expect(this.page.getByRole('alert').filter({ hasText: words })).toBeVisible()
  }
}
