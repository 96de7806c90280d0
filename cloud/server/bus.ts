// News inside the portal: what changed, told to whoever passes it on (pages, device links). Owns the list of events and
// the in-process bus; several instances get the same interface over Redis. Never a place where anything is stored.
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'

export type LinkEnd = 'device-removed' | 'password-reset' | 'cloned-device' | 'account-deleted'

export type PortalEvent =
  | { readonly kind: 'device.changed'; readonly accountId: string; readonly card: DeviceCard }
  | { readonly kind: 'device.removed'; readonly accountId: string; readonly deviceId: string }
  | { readonly kind: 'device.renamed'; readonly deviceId: string; readonly name: string }
  | { readonly kind: 'link.end'; readonly deviceId: string; readonly reason: LinkEnd }
  | { readonly kind: 'command.planned'; readonly deviceId: string }
  | { readonly kind: 'command.changed'; readonly accountId: string; readonly command: CommandRecord }
  | {
      readonly kind: 'detections.changed'
      readonly accountId: string
      readonly deviceId: string
      readonly unprocessed: number
      readonly at: string
    }
  /** `sessionId` null: every session of the account. */
  | { readonly kind: 'session.ended'; readonly accountId: string; readonly sessionId: string | null }

export interface Bus {
  publish(event: PortalEvent): void
  /** Returns the function that stops listening. */
  subscribe(listener: (event: PortalEvent) => void): () => void
}

/** The bus of a portal that is one process. */
export function createBus(onError: (error: unknown) => void): Bus {
  const listeners = new Set<(event: PortalEvent) => void>()
  return {
    publish: (event) => {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onError(error)
        }
      }
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
