// The life of one form: sending, failed with words, delayed by the portal. Owns that state; never the fields.
import { useEffect, useState } from 'react'
import { ProductError } from '#shared/errors.ts'

export interface FormState {
  readonly busy: boolean
  readonly error: unknown
  /** Seconds until the portal takes another attempt; 0 = now. */
  readonly waitSeconds: number
  /** Runs a submission; a second one while it runs does nothing. */
  readonly run: (submit: () => Promise<void>) => void
}

/** One per form. */
export function useForm(): FormState {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [waitUntil, setWaitUntil] = useState(0)
  const waitSeconds = useCountdown(waitUntil)
  const run = (submit: () => Promise<void>) => {
    if (busy || waitSeconds > 0) return
    setBusy(true)
    setError(undefined)
    submit()
      .catch((thrown: unknown) => {
        setError(thrown)
        setWaitUntil(Date.now() + waitMsOf(thrown))
      })
      .finally(() => setBusy(false))
  }
  return { busy, error, waitSeconds, run }
}

/** Seconds until a moment, counted down; 0 once it is reached. */
export function useCountdown(until: number): number {
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const [, tick] = useState(0)
  const seconds = left()
  useEffect(() => {
    if (seconds === 0) return
    const timer = setTimeout(() => tick((count) => count + 1), 1000)
    return () => clearTimeout(timer)
  })
  return seconds
}

function waitMsOf(error: unknown): number {
  if (!(error instanceof ProductError) || error.code !== 'slow-down') return 0
  const ms = Number(error.detail)
  return Number.isFinite(ms) ? ms : 0
}
