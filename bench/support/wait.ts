// Waiting, always with an end.

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Gives what `look` finds as soon as it finds something. Throws when the time is over. */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => T | null | undefined | Promise<T | null | undefined>,
  everyMs = 2,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined) return found
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`)
    await pause(everyMs)
  }
}

export async function within<T>(what: string, limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
