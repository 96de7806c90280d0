// Starts an Electron app as a person does and tells when its window shows its heading. Looks at it through the
// debugging pipe, in the same way for the product and for its peer.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import electron from 'electron'
import { inProject } from './project.ts'
import { pause, within } from './wait.ts'

export interface WindowOptions {
  /** What Electron is given to run: a folder with a package.json, or a file. */
  readonly app: string
  /** Folder of Chromium's own data. */
  readonly profile: string
  readonly env?: Readonly<Record<string, string>>
}

export interface ShownWindow {
  readonly pid: number
  /** From the start of the process until the heading was painted. */
  readonly usableMs: number
  close(): Promise<void>
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly error?: object
  readonly params?: { readonly sessionId?: string; readonly targetInfo?: { readonly type?: string } }
  readonly result?: { readonly result?: { readonly value?: unknown } }
}

// A frame is asked for only once the window is shown, so a hidden window does not count.
const whenHeadingShown = `new Promise((done) => {
  const look = () => {
    const heading = [...document.querySelectorAll('h1')].find((each) => each.textContent.trim() !== '')
    const shown = heading && heading.getBoundingClientRect().height > 0 && document.visibilityState === 'visible'
    if (shown) requestAnimationFrame(() => setTimeout(() => done(Date.now())))
    else setTimeout(look, 4)
  }
  look()
})`

export async function openWindow(options: WindowOptions): Promise<ShownWindow> {
  const started = Date.now()
  const child = start(options)
  const close = () => end(child)
  try {
    const shownAt = await within('the window', 60_000, headingShownAt(child))
    return { pid: child.pid ?? 0, usableMs: shownAt - started, close }
  } catch (error) {
    await close()
    throw error
  }
}

function start({ app, profile, env = {} }: WindowOptions): ChildProcess {
  const switches = ['--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${profile}`]
  // Chromium refuses its sandbox to root; everyone else keeps it.
  if (process.getuid?.() === 0) switches.unshift('--no-sandbox')
  const own = { ...process.env, ...env }
  delete own.ELECTRON_RUN_AS_NODE
  // In plain Node the package gives the path of the runtime.
  const runtime = electron as unknown as string
  return spawn(runtime, [...switches, app], {
    cwd: inProject(),
    env: own,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
}

/** Asks every page, and again after each navigation, until one answers. */
function headingShownAt(child: ChildProcess): Promise<number> {
  const [, , , input, output] = child.stdio
  if (!input || !('write' in input) || !output) throw new Error('no debugging pipe')
  let lastId = 0
  const asked = new Map<number, string>()
  const send = (method: string, params: object, sessionId?: string): number => {
    input.write(`${JSON.stringify({ id: ++lastId, method, params, ...(sessionId ? { sessionId } : {}) })}\0`)
    return lastId
  }
  const ask = (sessionId: string): void => {
    const params = { expression: whenHeadingShown, awaitPromise: true, returnByValue: true }
    asked.set(send('Runtime.evaluate', params, sessionId), sessionId)
  }
  input.on('error', () => undefined)
  send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the app ended with ${code} before its window was there`)))
    let text = ''
    output.on('data', (piece: Buffer) => {
      const messages = (text + piece.toString('utf8')).split('\0')
      text = messages.pop() ?? ''
      for (const raw of messages) {
        const message = JSON.parse(raw) as Message
        const attached = message.method === 'Target.attachedToTarget' ? message.params : undefined
        if (attached?.targetInfo?.type === 'page' && attached.sessionId) ask(attached.sessionId)
        const sessionId = asked.get(message.id ?? -1)
        const value = message.result?.result?.value
        if (typeof value === 'number') resolve(value)
        else if (sessionId) setTimeout(ask, 2, sessionId)
      }
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 8000)
  await gone
  clearTimeout(late)
  // Its helpers end a moment after it.
  await pause(500)
}
