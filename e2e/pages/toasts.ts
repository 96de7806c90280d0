// Results that are told in passing, in the app and on the portal alike.
import { expect, type Locator, type Page } from '@playwright/test'

/** By its title. It goes after six seconds; a failure stays. */
export function toastCalled(page: Page, title: string): Locator {
  return page.locator('.ui-toast').filter({ has: page.getByText(title, { exact: true }) })
}

/** Keeps it there, with the mouse on it, as a person does who wants to press something in it. */
export async function holdToast(toast: Locator): Promise<void> {
  await toast.hover()
}

/** What it said has been read; it lies over nothing any more. */
export async function closeToast(toast: Locator): Promise<void> {
  await toast.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(toast).toHaveCount(0)
}
