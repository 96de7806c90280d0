// The countdown while the portal asks to wait (A7). The wait is the detail of the error, in ms.
import { useEffect, useState } from 'react'
import { ProductError } from '#shared/errors.ts'

/** Seconds that are left; 0 when nobody has to wait. */
export function useSlowDown(error: unknown): number {
  const [until, setUntil] = useState(0)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const waitMs = waitOf(error)
    setNow(Date.now())
    setUntil(waitMs > 0 ? Date.now() + waitMs : 0)
  }, [error])
  const isWaiting = until > now
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [isWaiting])
  return isWaiting ? Math.ceil((until - now) / 1000) : 0
}

/** The wait an error asks for, in ms; 0 when it asks for none. */
export function waitOf(error: unknown): number {
  if (!(error instanceof ProductError) || error.code !== 'slow-down') return 0
  const waitMs = Number(error.detail)
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, 3_600_000) : 0
}
