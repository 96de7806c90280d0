import { EventEmitter } from 'node:events'
import type { Session, WebContents } from 'electron'
import { describe, expect, it } from 'vitest'
import { guardContents, guardOne, guardPermissions, guardRequests } from './guards.ts'

type OpenHandler = Parameters<WebContents['setWindowOpenHandler']>[0]

class FakeContents extends EventEmitter {
  openHandler: OpenHandler | undefined
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler
  }
}

function guarded() {
  const contents = new FakeContents()
  const refused: string[] = []
  guardOne(contents as unknown as WebContents, (what, target) => refused.push(`${what} ${target}`))
  return { contents, refused }
}

describe('a window', () => {
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview'])('is denied %s', (name) => {
    const { contents, refused } = guarded()
    let prevented = 0
    contents.emit(name, { preventDefault: () => prevented++ }, 'https://evil.example/')
    expect(prevented).toBe(1)
    expect(refused).toHaveLength(1)
  })

  it('cannot open another window, not even one of ours', () => {
    const { contents, refused } = guarded()
    for (const url of ['https://evil.example/', 'app://bundle/main.html', 'javascript:alert(1)']) {
      expect(contents.openHandler?.({ url } as Parameters<OpenHandler>[0])).toEqual({ action: 'deny' })
    }
    expect(refused).toHaveLength(3)
  })

  it('is guarded from the moment it is made', () => {
    const app = new EventEmitter()
    guardContents(app as never, () => undefined)
    const contents = new FakeContents()
    app.emit('web-contents-created', {}, contents)
    expect(contents.openHandler).toBeDefined()
    expect(contents.listenerCount('will-navigate')).toBe(1)
  })
})

it('every permission is denied, in the request and in the check', () => {
  const handlers: Record<string, (...args: never[]) => unknown> = {}
  const session = {
    setPermissionRequestHandler: (handler: (...args: never[]) => unknown) => (handlers.request = handler),
    setPermissionCheckHandler: (handler: (...args: never[]) => unknown) => (handlers.check = handler),
    setDevicePermissionHandler: (handler: (...args: never[]) => unknown) => (handlers.device = handler),
  }
  guardPermissions(session as unknown as Session, () => undefined)
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fullscreen']) {
    let answer: unknown
    handlers.request?.(...([null, permission, (granted: boolean) => (answer = granted)] as never[]))
    expect(answer).toBe(false)
    expect(handlers.check?.(...([null, permission] as never[]))).toBe(false)
  }
  expect(handlers.device?.(...([{}] as never[]))).toBe(false)
})

it('nothing but the bundle is loaded, whoever asks for it', () => {
  let listener: (details: { url: string }, callback: (answer: { cancel: boolean }) => void) => void = () => undefined
  const session = {
    webRequest: { onBeforeRequest: (given: typeof listener) => (listener = given) },
  } as unknown as Session
  const isCancelled = (url: string) => {
    let answer = false
    listener({ url }, ({ cancel }) => (answer = cancel))
    return answer
  }
  guardRequests(session, true, () => undefined)
  expect(isCancelled('app://bundle/main.html')).toBe(false)
  for (const url of [
    'https://evil.example/x.js',
    'app://bundle.evil/x',
    'file:///etc/passwd',
    'devtools://devtools/x',
    'ws://localhost/',
  ]) {
    expect(isCancelled(url)).toBe(true)
  }
  guardRequests(session, false, () => undefined)
  expect(isCancelled('devtools://devtools/x')).toBe(false)
})
