// A value that follows another one once that has stood still for a while; for search boxes.
import { useEffect, useState } from 'react'

/** The value as it was `delayMs` ago, if it has not changed since. */
export function useDebounced<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
