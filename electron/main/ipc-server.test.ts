import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { IpcMainEvent } from 'electron'
import { describe, expect, it, vi } from 'vitest'
import type { Channel } from '#shared/rpc/channel.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { contractSuite } from '#shared/rpc/testing/contract-suite.ts'
import { serveSuite } from '#shared/rpc/testing/suite-server.ts'
import { ipcRendererChannel } from '../preload/ipc-renderer-channel.ts'
import { createIpcServer, type IpcMainLike, refusalOf } from './ipc-server.ts'

vi.mock('electron', () => ({ ipcMain: undefined }))

interface FakeFrame {
  parent: FakeFrame | null
  origin: string
  sent: unknown[]
  send(channel: string, envelope: unknown): void
}

function frame(origin = 'app://bundle', parent: FakeFrame | null = null): FakeFrame {
  const sent: unknown[] = []
  return { parent, origin, sent, send: (_channel, envelope) => sent.push(envelope) }
}

/** A window, and both ends of IPC as Electron gives them: every message is cloned and arrives later. */
function fakeIpc() {
  const main = new EventEmitter()
  const page = new EventEmitter()
  const contents = Object.assign(new EventEmitter(), {
    id: 7,
    mainFrame: frame(),
    isDestroyed: () => false,
    send: (channel: string, envelope: unknown) => {
      const copy = structuredClone(envelope)
      setImmediate(() => page.emit(channel, {}, copy))
    },
  })
  const deliver = (envelope: unknown, senderFrame: FakeFrame | null) =>
    main.emit('rpc', { sender: contents, senderFrame } as unknown as IpcMainEvent, envelope)
  const renderer = {
    send: (_channel: string, envelope: unknown) => {
      const copy = structuredClone(envelope)
      setImmediate(() => deliver(copy, contents.mainFrame))
    },
    on: (channel: string, listener: (event: unknown, ...values: unknown[]) => void) => page.on(channel, listener),
  }
  return { main: main as unknown as IpcMainLike, contents, deliver, renderer }
}

contractSuite('Electron IPC', async () => {
  const { main, contents, renderer } = fakeIpc()
  createIpcServer(() => undefined, main).admit(contents, (channel) => serveSuite(channel, () => channel.close()))
  return { channel: ipcRendererChannel(renderer, randomUUID()), dispose: () => undefined }
})

function admitted() {
  const ipc = fakeIpc()
  const refused: string[] = []
  const received: unknown[] = []
  const channels: Channel[] = []
  createIpcServer((reason) => refused.push(reason), ipc.main).admit(ipc.contents, (channel) => {
    channels.push(channel)
    channel.onMessage((message) => received.push(message))
  })
  return { ...ipc, refused, received, channels }
}

const session = randomUUID()
const call = { session, message: { t: 'call', id: 1, name: 'state.snapshot', input: {} } }

describe('who may speak', () => {
  it('the top frame of our own origin', () => {
    const { deliver, contents, received, refused } = admitted()
    deliver(call, contents.mainFrame)
    expect(received).toEqual([call.message])
    expect(refused).toEqual([])
  })

  it('no frame at all: refused', () => {
    const { deliver, received, refused } = admitted()
    deliver(call, null)
    expect([received, refused]).toEqual([[], ['no frame']])
  })

  it('a sub-frame, even one of our origin: refused, and told so', () => {
    const { deliver, contents, received, refused } = admitted()
    const inner = frame('app://bundle', contents.mainFrame)
    deliver(call, inner)
    expect([received, refused]).toEqual([[], ['sub-frame']])
    expect(inner.sent).toEqual([{ session, message: { t: 'error', id: 1, error: { code: 'forbidden' } } }])
  })

  it('a top frame that is not the window it claims to be: refused', () => {
    const { deliver, received } = admitted()
    deliver(call, frame())
    expect(received).toEqual([])
  })

  it.each([
    'https://bundle',
    'app://bundle.evil',
    'app://evil',
    'app://Bundle2',
    'file://',
    'null',
    '',
    'app://bundle:1',
  ])('the origin %s: refused', (origin) => {
    const { deliver, contents, received, refused } = admitted()
    contents.mainFrame.origin = origin
    deliver(call, contents.mainFrame)
    expect([received, refused]).toEqual([[], ['foreign origin']])
  })

  it('a window that was never admitted: refused', () => {
    const { main, contents, deliver } = fakeIpc()
    const refused: string[] = []
    createIpcServer((reason) => refused.push(reason), main)
    deliver(call, contents.mainFrame)
    expect(refused).toEqual(['unknown window'])
    expect(contents.mainFrame.sent).toHaveLength(1)
  })

  it('a malformed envelope: refused without harm', () => {
    const { deliver, contents, received, refused } = admitted()
    for (const envelope of [null, 5, 'x', [], {}, { session: 'x', message: 1 }, { ...call, extra: 1 }]) {
      deliver(envelope, contents.mainFrame)
    }
    expect(received).toEqual([])
    expect(refused).toHaveLength(7)
  })

  it('names the reason', () => {
    const top = frame()
    const event = (senderFrame: unknown, mainFrame: unknown) => ({ senderFrame, sender: { mainFrame } }) as never
    expect(refusalOf(event(top, top))).toBeNull()
    expect(refusalOf(event(undefined, top))).toBe('no frame')
  })
})

describe('a reload', () => {
  it('starts a new session and fails what the old document waited for', () => {
    const { deliver, contents, channels } = admitted()
    deliver(call, contents.mainFrame)
    const closed: string[] = []
    channels[0]?.onClose(() => closed.push('old'))
    deliver({ ...call, session: randomUUID() }, contents.mainFrame)
    expect(channels).toHaveLength(2)
    expect(closed).toEqual(['old'])
  })

  it('closes the channel when the window is gone', () => {
    const { deliver, contents, channels } = admitted()
    deliver(call, contents.mainFrame)
    const peer = channels[0] && createPeer(channels[0])
    contents.emit('destroyed')
    expect(peer?.closed).toBe(true)
  })
})
