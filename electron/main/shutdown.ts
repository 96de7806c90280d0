// The order in which the app ends: once, bounded, the client first. Owns the order and the limit; not why the app ends.

export interface ShutdownStep {
  readonly name: string
  readonly run: () => void | Promise<void>
  /** The step is left behind after this long. */
  readonly withinMs: number
}

/** Runs every step, also when one before it fails or hangs. `report` is told of those. */
export async function shutDown(
  steps: readonly ShutdownStep[],
  report: (step: string, problem: unknown) => void,
): Promise<void> {
  for (const step of steps) {
    try {
      await bounded(step)
    } catch (error) {
      report(step.name, error)
    }
  }
}

async function bounded({ run, withinMs }: ShutdownStep): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), withinMs)
  })
  try {
    await Promise.race([run(), late])
  } finally {
    clearTimeout(timer)
  }
}
