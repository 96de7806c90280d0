// The live line to the portal: one socket at a time, listening begins before the snapshot is asked for, so that no change
// falls between the two. Owns connecting, back-off and staleness; writes the mirror.
import { io } from 'socket.io-client'
import { type PageContract, pageContract, pageNamespace } from '#shared/cloud-protocol/page-contract.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { ContractClient } from '#shared/rpc/contract.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import {
  mirrorStore,
  withCommands,
  withDevice,
  withLiveLink,
  withObjectsChanged,
  withoutDevice,
  withStaleLink,
} from '../state/mirror.ts'
import { sessionStore } from '../state/session.ts'
import { endSession, loadSession } from './account.ts'
import { forgetDevices, loadDevices } from './devices.ts'

const firstDelayMs = 1000
const longestDelayMs = 15_000

let peer: Peer | undefined
let retryTimer: ReturnType<typeof setTimeout> | undefined
let attempts = 0
/** Numbers the connections, so that an old one cannot speak for a new one. */
let generation = 0

/** Connects whenever somebody is signed in, for the life of the page. */
export function startLive(): void {
  let signedIn = false
  const follow = () => {
    const now = sessionStore.getState().status === 'signed-in'
    if (now === signedIn) return
    signedIn = now
    if (now) connect()
    else disconnect()
  }
  sessionStore.subscribe(follow)
  follow()
  window.addEventListener('online', retryNow)
}

/** Does not wait for the next attempt. */
export function retryNow(): void {
  if (retryTimer === undefined) return
  clearTimeout(retryTimer)
  attempts = 0
  connect()
}

function connect(): void {
  retryTimer = undefined
  const mine = ++generation
  const socket = io(pageNamespace, { transports: ['websocket'], reconnection: false, forceNew: true, timeout: 10_000 })
  socket.on('connect_error', () => {
    if (mine !== generation) return
    socket.disconnect()
    lost(mine)
    void refreshWithoutLine()
  })
  socket.on('connect', () => {
    if (mine !== generation) return
    const opened = createPeer(socketChannel(socket))
    peer = opened
    listen(clientFor(pageContract, opened))
    opened.onClose(() => lost(mine))
    void takeSnapshot(mine)
  })
}

function listen(client: ContractClient<PageContract>): void {
  client.on('device.changed', (card) => mirrorStore.setState((mirror) => withDevice(mirror, card)))
  client.on('device.removed', ({ id }) => mirrorStore.setState((mirror) => withoutDevice(mirror, id)))
  client.on('command.changed', (record) =>
    mirrorStore.setState((mirror) => withCommands(mirror, record.deviceId, [record])),
  )
  client.on('detections.changed', ({ deviceId }) =>
    mirrorStore.setState((mirror) => withObjectsChanged(mirror, deviceId)),
  )
  client.on('session.ended', () => endSession(true))
}

async function takeSnapshot(mine: number): Promise<void> {
  const done = await loadDevices()
  if (mine !== generation) return
  if (done) {
    attempts = 0
    mirrorStore.setState(withLiveLink)
  } else {
    peer?.close()
  }
}

// Without a line the page can still show what is there; an ended session is found out the same way.
async function refreshWithoutLine(): Promise<void> {
  if (attempts === 1) await loadSession()
  if (!mirrorStore.getState().loaded && sessionStore.getState().status === 'signed-in') await loadDevices()
}

function lost(mine: number): void {
  if (mine !== generation || sessionStore.getState().status !== 'signed-in') return
  generation++
  peer = undefined
  mirrorStore.setState((mirror) => withStaleLink(mirror, new Date().toISOString()))
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts) * (0.75 + Math.random() / 2)
  attempts++
  retryTimer = setTimeout(connect, delay)
}

function disconnect(): void {
  generation++
  if (retryTimer !== undefined) clearTimeout(retryTimer)
  retryTimer = undefined
  peer?.close()
  peer = undefined
  attempts = 0
  forgetDevices()
}
