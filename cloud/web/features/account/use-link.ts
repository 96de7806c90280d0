// What a link from a message is for, read without using it. Owns loading and failure.
import { useEffect, useState } from 'react'
import type { z } from 'zod'
import type { accountApi } from '#shared/cloud-protocol/http-api.ts'
import { readLink } from '../../bridge/account.ts'

export type LinkInfo = z.infer<typeof accountApi.link.answer>

export type LinkState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly info: LinkInfo }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Reads once per token; `retry` reads again. */
export function useLink(token: string): { readonly link: LinkState; readonly retry: () => void } {
  const [link, setLink] = useState<LinkState>({ kind: 'loading' })
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads the same token again
  useEffect(() => {
    let wanted = true
    setLink({ kind: 'loading' })
    readLink(token).then(
      (info) => wanted && setLink({ kind: 'ready', info }),
      (error: unknown) => wanted && setLink({ kind: 'failed', error }),
    )
    return () => {
      wanted = false
    }
  }, [token, attempt])
  return { link, retry: () => setAttempt((count) => count + 1) }
}
