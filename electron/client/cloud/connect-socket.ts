// The real socket to the portal: websocket only, one try; who reconnects, and when, is decided in cloud-link.ts.
import { io } from 'socket.io-client'
import type { ConnectSocket } from '../ports.ts'

export const connectSocket: ConnectSocket = (address) =>
  io(address, { transports: ['websocket'], reconnection: false, multiplex: false, forceNew: true, timeout: 10_000 })
