// Lets at most so many jobs run at once; the others wait their turn in order.

export interface Turns {
  run<T>(job: () => Promise<T>): Promise<T>
}

export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0

  return {
    async run(job) {
      if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        return await job()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
