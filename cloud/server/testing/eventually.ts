// Waits for what happens soon: an expectation that is asked again until it holds. Generous, because test machines are busy.
import { expect } from 'vitest'

export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: 15_000, interval: 25 })
}
