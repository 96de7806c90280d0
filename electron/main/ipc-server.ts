// The only user of raw ipcMain: turns each document of each window into a Channel, after checking who speaks.
// Owns sender checks and sessions; knows nothing of what is said.
import { type IpcMainEvent, ipcMain, type WebContents } from 'electron'
import { z } from 'zod'
import type { Channel } from '#shared/rpc/channel.ts'
import { appOrigin } from './app-protocol.ts'

const ipcChannelName = 'rpc'

const Envelope = z.union([
  z.strictObject({ session: z.uuid(), message: z.unknown() }),
  z.strictObject({ session: z.uuid(), closed: z.literal(true) }),
])

/** The part of ipcMain that is used. */
export interface IpcMainLike {
  on(channel: string, listener: (event: IpcMainEvent, ...values: unknown[]) => void): unknown
}

/** The part of a window's web contents that is used. */
export type Contents = Pick<WebContents, 'id' | 'send' | 'isDestroyed'> & {
  on(event: 'destroyed' | 'render-process-gone', listener: () => void): unknown
}

export interface IpcServer {
  /** From now on this window may speak; `onSession` gets a channel for each document it loads. */
  admit(contents: Contents, onSession: (channel: Channel) => void): void
}

interface Admitted {
  readonly contents: Contents
  readonly onSession: (channel: Channel) => void
  session: { readonly id: string; readonly line: Line } | undefined
}

/** `onRefused` is told of every message that was not let in. */
export function createIpcServer(onRefused: (reason: string) => void, ipc: IpcMainLike = ipcMain): IpcServer {
  const windows = new Map<number, Admitted>()

  ipc.on(ipcChannelName, (event, envelope) => {
    const refusal = refusalOf(event)
    const admitted = windows.get(event.sender.id)
    if (refusal !== null || !admitted) return refuse(event, envelope, refusal ?? 'unknown window', onRefused)
    const parsed = Envelope.safeParse(envelope)
    if (!parsed.success) return refuse(event, envelope, 'malformed envelope', onRefused)
    const line = lineOf(admitted, parsed.data.session)
    if ('closed' in parsed.data) line.gone()
    else line.receive(parsed.data.message)
  })

  return {
    admit: (contents, onSession) => {
      windows.set(contents.id, { contents, onSession, session: undefined })
      const end = () => endSession(windows.get(contents.id))
      contents.on('render-process-gone', end)
      contents.on('destroyed', () => {
        end()
        windows.delete(contents.id)
      })
    },
  }
}

/** SECURITY: only the top frame of a page of our own origin. A frame that navigated away meanwhile is null. */
export function refusalOf(event: Pick<IpcMainEvent, 'senderFrame' | 'sender'>): string | null {
  const frame = event.senderFrame
  if (!frame) return 'no frame'
  if (frame.parent !== null || frame !== event.sender.mainFrame) return 'sub-frame'
  if (frame.origin !== appOrigin) return 'foreign origin'
  return null
}

/** Rejects loudly: main logs it, and whoever waits for an answer gets one. */
function refuse(event: IpcMainEvent, envelope: unknown, reason: string, onRefused: (reason: string) => void): void {
  onRefused(reason)
  const { session, message } = (envelope ?? {}) as { session?: unknown; message?: { t?: unknown; id?: unknown } | null }
  if (typeof session !== 'string' || message?.t !== 'call' || typeof message.id !== 'number') return
  const error = { t: 'error', id: message.id, error: { code: 'forbidden' } }
  event.senderFrame?.send(ipcChannelName, { session, message: error })
}

/** A new session id is a new document: what the old one still waited for must not be answered to the new one. */
function lineOf(admitted: Admitted, id: string): Line {
  if (admitted.session?.id === id) return admitted.session.line
  endSession(admitted)
  const line = createLine(admitted.contents, id)
  admitted.session = { id, line }
  admitted.onSession(line.channel)
  return line
}

function endSession(admitted: Admitted | undefined): void {
  if (!admitted) return
  admitted.session?.line.gone()
  admitted.session = undefined
}

interface Line {
  readonly channel: Channel
  receive(message: unknown): void
  gone(): void
}

function createLine(contents: Contents, session: string): Line {
  let open = true
  const messageListeners = new Set<(message: unknown) => void>()
  const closeListeners = new Set<() => void>()
  const gone = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  const post = (envelope: object) => {
    if (!contents.isDestroyed()) contents.send(ipcChannelName, envelope)
  }
  return {
    gone,
    receive: (message) => {
      if (open) for (const listener of messageListeners) listener(message)
    },
    channel: {
      send: (message) => {
        if (open) post({ session, message })
      },
      onMessage: (listener) => {
        messageListeners.add(listener)
      },
      onClose: (listener) => {
        closeListeners.add(listener)
      },
      close: () => {
        if (!open) return
        post({ session, closed: true })
        gone()
      },
    },
  }
}
