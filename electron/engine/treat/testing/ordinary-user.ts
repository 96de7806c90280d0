// Acts as an ordinary user of the machine, for real, in tests that root runs. Never used by the product.

/** The user that owns nothing. */
const nobody = 65_534

/** True when this process may act as root and as somebody else. */
export const isRoot = process.geteuid?.() === 0

/** Runs with the rights of an ordinary user: those of "nobody" when we are root, our own when we are not. */
export async function asOrdinaryUser<T>(act: () => Promise<T> | T): Promise<T> {
  if (!isRoot) return act()
  process.setegid?.(nobody)
  process.seteuid?.(nobody)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}
