// Asks the app through the one bridge a window has, as its own pages do.
import type { Page } from '@playwright/test'
import type { AppState } from '../../shared/domain/app-state.ts'

export type BridgeAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly detail?: string } }

interface WithBridge {
  readonly bridge: { call(name: string, input: unknown): Promise<BridgeAnswer> }
}

export async function callBridge(page: Page, name: string, input: unknown = {}): Promise<BridgeAnswer> {
  return page.evaluate(({ name, input }) => (globalThis as unknown as WithBridge).bridge.call(name, input), {
    name,
    input,
  })
}

/** Everything the app tells a window about itself. */
export async function appState(page: Page): Promise<AppState> {
  const answer = await callBridge(page, 'state.snapshot')
  if (!answer.ok) throw new Error(`no state: ${answer.error.code}`)
  return answer.value as AppState
}
