// What a test entry under e2e/ may put in the place of the real thing. The product's own entry passes nothing, and no
// environment variable leads here.
import type { ClientPorts } from '../client/ports.ts'
import type { DialogPort } from './dialogs.ts'

export interface AppOverrides {
  /** The engine host to start instead of the product's. */
  readonly engineHostFile?: string
  /** Ports of the client: clock, disk, secrets, connectSocket, ... */
  readonly ports?: Partial<ClientPorts>
  /** Answers native questions and file dialogs. */
  readonly dialogs?: DialogPort
  /** Takes the address instead of the system's browser. */
  readonly openExternal?: (address: string) => Promise<void>
  /** Where a tray is, and closing the window keeps the app running. Default: asked of the platform. */
  readonly hasTray?: boolean
}
