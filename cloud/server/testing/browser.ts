// A page's view of the portal: keeps cookies, carries the CSRF token, and listens on the page namespace.
import { randomBytes } from 'node:crypto'
import { io } from 'socket.io-client'
import { pageContract, pageNamespace } from '#shared/cloud-protocol/page-contract.ts'
import { clientFor } from '#shared/rpc/client.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every route.
  readonly body: any
  readonly headers: Headers
}

export interface Browser {
  csrf: string
  readonly cookies: Map<string, string>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  get(path: string): Promise<Reply>
  post(path: string, body?: unknown): Promise<Reply>
  signIn(email: string, proof: string): Promise<Reply>
  listen(): Promise<PageListener>
}

export interface PageListener {
  // biome-ignore lint/suspicious/noExplicitAny: tests read every event.
  readonly events: { name: string; payload: any }[]
  close(): void
}

export function newProof(): string {
  return randomBytes(32).toString('base64')
}

export function openBrowser(url: string): Browser {
  const cookies = new Map<string, string>()
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const browser: Browser = {
    csrf: '',
    cookies,
    send: async (method, path, body, headers = {}) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(browser.csrf === '' ? {} : { 'x-csrf-token': browser.csrf }),
          ...(cookies.size === 0 ? {} : { cookie: cookieHeader() }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      for (const line of response.headers.getSetCookie()) keepCookie(cookies, line)
      const text = await response.text()
      return {
        status: response.status,
        body: text.startsWith('{') ? JSON.parse(text) : text,
        headers: response.headers,
      }
    },
    get: (path) => browser.send('GET', path),
    post: (path, body) => browser.send('POST', path, body),
    signIn: async (email, proof) => {
      const reply = await browser.post('/api/session', { email, proof })
      browser.csrf = reply.body.csrfToken ?? ''
      return reply
    },
    listen: () => listenAsPage(url, cookieHeader()),
  }
  return browser
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const at = pair.indexOf('=')
  const value = pair.slice(at + 1)
  if (value === '') cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), value)
}

function listenAsPage(url: string, cookie: string): Promise<PageListener> {
  const socket = io(url + pageNamespace, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie },
  })
  const client = clientFor(pageContract, createPeer(socketChannel(socket)))
  const events: PageListener['events'] = []
  for (const name of Object.keys(pageContract.events) as (keyof typeof pageContract.events)[]) {
    client.on(name, (payload) => events.push({ name, payload }))
  }
  return new Promise((resolve, reject) => {
    socket.on('connect', () => resolve({ events, close: () => socket.disconnect() }))
    socket.on('connect_error', reject)
  })
}
