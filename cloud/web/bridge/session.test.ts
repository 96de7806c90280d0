// Answers that come after somebody has signed in or out: they are about a session that is over.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sessionStore } from '../state/session.ts'
import { endSession, loadSession, signIn, signOut } from './account.ts'
import { loadDevices } from './devices.ts'

const paths = { session: '/api/session', devices: '/api/devices' }
/** The questions that wait, by path. */
let waiting: Map<string, (response: Response) => void>

beforeEach(() => {
  waiting = new Map()
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('fetch', (url: string, { method }: { method: string }) => {
    if (method === 'GET') return new Promise((resolve) => waiting.set(url, resolve))
    if (url.endsWith('/salt')) return Promise.resolve(Response.json({ salt: Buffer.alloc(16, 7).toString('base64') }))
    return Promise.resolve(Response.json(method === 'DELETE' ? {} : session('new')))
  })
})
afterEach(() => {
  endSession(false)
  vi.unstubAllGlobals()
})

const session = (name: string) => ({
  account: { email: `${name}@x.example`, createdAt: '2026-11-22T12:00:00.000Z' },
  csrfToken: `token of ${name}`,
})
const ended = () => Response.json({ code: 'unauthenticated' }, { status: 401 })
const seen = () => {
  const { status, account, ended: byPortal } = sessionStore.getState()
  return { status, email: account?.email, byPortal }
}

it.each([
  ['the session', paths.session, loadSession],
  ['devices', paths.devices, loadDevices],
])('signed in stays signed in when a request about %s from before is refused', async (_what, path, ask) => {
  const asked = ask()
  await signIn('new@x.example', 'correct horse battery')
  waiting.get(path)?.(ended())
  await asked
  expect(seen()).toEqual({ status: 'signed-in', email: 'new@x.example', byPortal: false })
})

it('signed out stays signed out when the answer about the session comes after it', async () => {
  await signIn('new@x.example', 'correct horse battery')
  const asked = loadSession()
  await signOut()
  waiting.get(paths.session)?.(Response.json(session('new')))
  await asked
  expect(seen()).toEqual({ status: 'signed-out', email: undefined, byPortal: false })
})

it('a session that the portal ended is over', async () => {
  await signIn('new@x.example', 'correct horse battery')
  const asked = loadDevices()
  waiting.get(paths.devices)?.(ended())
  await asked
  expect(seen()).toEqual({ status: 'signed-out', email: undefined, byPortal: true })
})
