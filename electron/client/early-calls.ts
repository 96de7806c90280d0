// Windows are there before everything that was kept has been read. What a person asks for meanwhile waits: carried out with nothing
// read, it would replace what is kept. Owns that wait; only the state as it is may be looked at.
import type { ClientHandlers } from './client-handlers.ts'

export interface EarlyCalls {
  /** The same handlers; before `loaded` their calls wait, in their order, and after `failed` they fail with its reason. */
  held(handlers: ClientHandlers): ClientHandlers
  loaded(): void
  failed(error: unknown): void
}

type Handler = (...given: unknown[]) => unknown

export function createEarlyCalls(): EarlyCalls {
  let isLoaded = false
  let settle: { resolve(): void; reject(error: unknown): void } = { resolve: () => undefined, reject: () => undefined }
  const reading = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Whoever waits is told; nobody may be waiting.
  reading.catch(() => undefined)

  const late =
    (run: Handler): Handler =>
    (...given) =>
      isLoaded ? run(...given) : reading.then(() => run(...given))

  return {
    held(handlers) {
      const all = Object.entries(handlers).map(([name, run]) => [name, late(run as Handler)] as const)
      return {
        ...(Object.fromEntries(all) as unknown as ClientHandlers),
        'state.snapshot': handlers['state.snapshot'],
      }
    },
    loaded() {
      isLoaded = true
      settle.resolve()
    },
    failed: (error) => settle.reject(error),
  }
}
