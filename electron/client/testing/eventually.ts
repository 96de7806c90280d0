// Waits until something becomes true. Used by tests only.

export async function eventually(check: () => boolean, what = 'condition', withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!check()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}
