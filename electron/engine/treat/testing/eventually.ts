// Waits for what another process does. Used by tests only.
import { setTimeout as wait } from 'node:timers/promises'

/** Resolves as soon as it is so. Throws after 20 seconds. */
export async function eventually(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 10) {
    if (waited > 20_000) throw new Error('it never became so')
    await wait(10)
  }
}
