// Attacks from inside the app's window, in the real app: what its policy, its guards, its pages and its bridge refuse.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { TestComputer } from '../support/app-process.ts'
import { callBridge } from '../support/bridge.ts'
import { type ForeignServer, startForeignServer } from '../support/foreign-server.ts'
import { attackPage, violatedEverywhere } from '../support/page-attacks.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

test.describe.configure({ mode: 'serial' })

const ourPage = 'app://bundle/main.html'

let folder: string
let foreign: ForeignServer
let computer: TestComputer
let main: MainWindow

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'app-security-'))
  const area = join(folder, 'area')
  mkdirSync(area)
  foreign = await startForeignServer()
  computer = new TestComputer({
    folder: join(folder, 'computer'),
    portalUrl: 'http://localhost:1',
    area,
    // A camera that is there, so that it is a refusal that keeps the page from it.
    switches: ['--use-fake-device-for-media-stream'],
  })
  main = await computer.startApp()
})

test.afterAll(() =>
  endAll(
    () => computer?.quit(),
    () => foreign?.close(),
    () => removeFolder(folder),
  ),
)

const logged = () => readFileSync(join(computer.dataDir, 'logs', 'app.log'), 'utf8')
const webContentsCount = () => computer.electron.evaluate(({ webContents }) => webContents.getAllWebContents().length)

test('the window runs sandboxed, isolated, and without Node', async () => {
  const preferences = await computer.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    // Electron's types leave this one out.
    const { getLastWebPreferences } = contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    return getLastWebPreferences.call(contents)
  })
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
  })
  const names = [
    'process',
    'require',
    'module',
    'Buffer',
    'global',
    'electron',
    'ipcRenderer',
    '__dirname',
    'setImmediate',
  ]
  expect(await main.page.evaluate((names) => names.filter((name) => name in globalThis), names)).toEqual([])
})

test('injected script, markup, frames and connections have no effect and are reported as violations', async () => {
  const expected = [...violatedEverywhere, 'require-trusted-types-for']
  const { succeeded, violated } = await attackPage(main.page, foreign.url, { violated: expected })
  expect(succeeded).toEqual([])
  expect(violated).toEqual(expect.arrayContaining(expected))
  expect(foreign.requests).toEqual([])
  expect(main.page.url()).toBe(ourPage)
})

test('no window is opened, no webview attached, and nothing navigates', async () => {
  const before = await webContentsCount()
  const opened = await main.page.evaluate((foreign) => {
    const found = [window.open(`${foreign}/window`), window.open('app://bundle/main.html'), window.open()]
    const webview = document.createElement('webview')
    webview.setAttribute('src', `${foreign}/webview`)
    document.body.append(webview)
    return found.filter((window) => window !== null).length
  }, foreign.url)
  expect(opened).toBe(0)
  for (const address of [
    `${foreign.url}/page`,
    'file:///etc/passwd',
    'data:text/html,x',
    'app://bundle/sign-in.html',
  ]) {
    await main.page.evaluate((address) => {
      const link = document.createElement('a')
      link.href = address
      document.body.append(link)
      link.click()
      setTimeout(() => location.assign(address), 0)
    }, address)
  }
  await expect.poll(logged).toContain(`navigation","target":"${foreign.url}/page"`)
  await expect.poll(logged).toContain('navigation","target":"app://bundle/sign-in.html"')
  expect(logged()).toContain(`"what":"window","target":"${foreign.url}/window"`)
  expect(await webContentsCount()).toBe(before)
  expect(main.page.url()).toBe(ourPage)
  expect(foreign.requests).toEqual([])
})

test('every permission is refused, asked for or looked up', async () => {
  const answers = await main.page.evaluate(async () => {
    const nameOf = (error: unknown) => (error instanceof DOMException ? error.name : String(error))
    const looked = await Promise.all(
      ['geolocation', 'notifications', 'camera', 'microphone'].map(
        async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
      ),
    )
    return {
      looked,
      notification: await Notification.requestPermission(),
      position: await new Promise<number>((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve(0),
          ({ code }) => resolve(code),
        ),
      ),
      camera: await navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(() => 'granted', nameOf),
      clipboard: await navigator.clipboard.readText().then(() => 'granted', nameOf),
      screen: await navigator.mediaDevices.getDisplayMedia().then(() => 'granted', nameOf),
    }
  })
  expect(answers).toEqual({
    looked: ['denied', 'denied', 'denied', 'denied'],
    notification: 'denied',
    position: 1,
    camera: 'NotAllowedError',
    clipboard: 'NotAllowedError',
    screen: expect.not.stringContaining('granted'),
  })
})

test('the bridge is two functions that let no other name and no malformed input through', async () => {
  const shape = await main.page.evaluate(() => {
    const { bridge } = globalThis as unknown as { bridge: Record<string, unknown> & { on(name: string): void } }
    const refused = ['engine.kill', 'rpc', '', 'STATE.CHANGED', '__proto__'].filter((name) => {
      try {
        bridge.on(name)
        return false
      } catch {
        return true
      }
    })
    const before = bridge.call
    try {
      bridge.call = () => 'mine'
    } catch {
      // Frozen.
    }
    return { names: Object.keys(bridge).sort(), refused: refused.length, kept: bridge.call === before }
  })
  expect(shape).toEqual({ names: ['call', 'on'], refused: 5, kept: true })
  for (const name of ['engine.kill', 'secret.get', 'toString', '__proto__', '', 'STATE.SNAPSHOT'])
    expect(await callBridge(main.page, name)).toEqual({ ok: false, error: { code: 'unknown-call' } })
  const malformed: [string, unknown][] = [
    ['scan.start', { type: 'custom', paths: [] }],
    ['scan.start', { type: 'quick', extra: 1 }],
    ['external.open', { page: 'https://evil.example' }],
    ['account.signIn', null],
    ['settings.change', { theme: 'x'.repeat(100) }],
  ]
  for (const [name, input] of malformed)
    expect(await callBridge(main.page, name, input)).toMatchObject({ ok: false, error: { code: 'bad-request' } })
})

test('a sub-frame has no bridge, and main refuses what it says; the same message of the window is answered', async () => {
  expect(
    await main.page.evaluate(() => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      const inside = frame.contentWindow as unknown as Record<string, unknown>
      return ['bridge', 'require', 'process'].filter((name) => name in inside)
    }),
  ).toEqual([])
  const answers = await computer.electron.evaluate(async ({ BrowserWindow, ipcMain }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const frame = contents?.mainFrame.frames[0]
    if (!contents || !frame) throw new Error('there is no sub-frame')
    const session = new Promise<string>((resolve) => {
      ipcMain.once('rpc', (_event, envelope: { session: string }) => resolve(envelope.session))
    })
    await contents.executeJavaScript("bridge.call('state.snapshot', {}).then(() => 0)")
    const message = { t: 'call', id: 1_000_000, name: 'state.snapshot', input: {} }
    const envelope = { session: await session, message }
    const said = (senderFrame: object) =>
      new Promise<unknown>((resolve) => {
        const send = (_channel: string, answer: { message: { id?: number } }) => {
          if (answer.message.id === message.id) resolve(answer.message)
        }
        // Only this message is looked at: the answer to the window goes out by its contents, a refusal by the frame.
        const spy = (target: object) => Object.defineProperty(target, 'send', { value: send, configurable: true })
        spy(contents)
        spy(senderFrame)
        ipcMain.emit('rpc', { sender: contents, senderFrame }, envelope)
        setTimeout(() => resolve('silence'), 30_000)
      })
    const answers = [await said(frame), await said(contents.mainFrame)]
    Reflect.deleteProperty(contents, 'send')
    return answers
  })
  expect(answers[0]).toEqual({ t: 'error', id: 1_000_000, error: { code: 'forbidden' } })
  expect(answers[1]).toMatchObject({ id: 1_000_000, t: 'ok' })
  await expect.poll(logged).toContain('"reason":"sub-frame"')
})

test('app:// serves the files of our pages and nothing outside of their folder', async () => {
  const fetched = (address: string, method = 'GET') =>
    computer.electron.evaluate(
      async ({ net }, { address, method }) => {
        const response = await net.fetch(address, { method })
        const text = await response.text()
        return { status: response.status, size: text.length, policy: response.headers.get('content-security-policy') }
      },
      { address, method },
    )
  for (const name of ['main.html', 'sign-in.html', ...(await pageAssets())]) {
    const { status, size, policy } = await fetched(`app://bundle/${name}`)
    expect([name, status]).toEqual([name, 200])
    expect(size).toBeGreaterThan(100)
    expect(policy).toContain("default-src 'none'")
  }
  const outside = [
    '../main/index.js',
    '..%2fmain%2findex.js',
    '%2e%2e/main/index.js',
    '%2e%2e%2fmain%2findex.js',
    'assets/..%2f..%2fmain%2findex.js',
    '..%5cmain%5cindex.js',
    '%252e%252e/main/index.js',
    '/etc/hosts.html',
    '%2fetc%2fpasswd',
    'main.html%00.js',
    'C:%5cwindows%5cwin.js',
    '',
    '.',
    'assets',
    'nothing.js',
  ]
  for (const path of outside) expect([path, (await fetched(`app://bundle/${path}`)).status]).toEqual([path, 404])
  expect((await fetched('app://elsewhere/main.html')).status).toBe(404)
  expect((await fetched('app://bundle/main.html', 'POST')).status).toBe(404)
})

/** Scripts and styles of our own that the page loaded; injected ones point elsewhere. */
const pageAssets = () =>
  main.page.evaluate(() =>
    [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[rel=stylesheet]')]
      .map((element) => new URL('src' in element ? element.src : element.href))
      .filter(({ protocol }) => protocol === 'app:')
      .map(({ pathname }) => pathname.slice(1)),
  )
