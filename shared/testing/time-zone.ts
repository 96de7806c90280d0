// A time zone for the tests of a file, and what it was before afterwards.
import { afterEach, beforeEach } from 'vitest'

/** Each test begins in `name`; one that sets `process.env.TZ` itself leaves nothing behind. */
export function testsIn(name: string): void {
  const before = process.env.TZ
  beforeEach(() => {
    process.env.TZ = name
  })
  afterEach(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
}
