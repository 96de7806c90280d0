// The clock a screen shows relative times by. Owns one timer per component that asks; never the formatting.
import { useEffect, useState } from 'react'

/** The time now, renewed every `everyMs`. */
export function useNow(everyMs = 20_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
