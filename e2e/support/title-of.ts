// What a window is called, also where its page does not answer.
import type { Page } from '@playwright/test'

const withinMs = 1_000

/** Empty for a page that is loading, stuck, crashed or gone. */
export async function titleOf(page: Page): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(''), withinMs)
  })
  const title = page.title().catch(() => '')
  return Promise.race([title, late]).finally(() => clearTimeout(timer))
}
