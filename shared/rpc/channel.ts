// A duplex line that carries plain messages, and the shape of those messages. Every transport (Electron IPC,
// MessagePort or forked process, socket.io) is wrapped into a Channel; nothing above knows which one it is.
import { z } from 'zod'
import { ShortText } from '../domain/primitives.ts'
import { errorCodes } from '../errors.ts'

const CallIdentifier = z.number().int().nonnegative()

// A code that only a newer peer knows must still settle the call: it is read as `internal`.
export const WireError = z.strictObject({
  code: z.enum(errorCodes).catch('internal'),
  detail: z.string().max(1000).optional(),
})
export type WireError = z.infer<typeof WireError>

// JSON transports drop a value that is `undefined`, so those fields are optional.
export const WireMessage = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('call'), id: CallIdentifier, name: ShortText, input: z.unknown().optional() }),
  z.strictObject({ t: z.literal('abort'), id: CallIdentifier }),
  z.strictObject({ t: z.literal('ok'), id: CallIdentifier, value: z.unknown().optional() }),
  z.strictObject({ t: z.literal('error'), id: CallIdentifier, error: WireError }),
  z.strictObject({ t: z.literal('event'), name: ShortText, payload: z.unknown().optional() }),
])
export type WireMessage = z.infer<typeof WireMessage>

export interface Channel {
  /**
   * A message to a closed channel is dropped (the peer then fails its calls with `peer-gone`). Throws only for a value
   * that cannot be transported at all (a function, a cycle): a bug of the sender that must not cost it the channel.
   */
  send(message: WireMessage): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, also when the other side went away by itself. */
  onClose(listener: () => void): void
  close(): void
}
