// `npm start`: sets up what is missing, starts the portal, then the app connected to it. `npm run portal`: the portal alone.
// Stops both cleanly, the app first, when asked to, when the app is closed, or when the parent goes away.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { bundle } from './bundle.mjs'
import { createChildren, watchParent } from './children.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { environmentHelp } from './environment.mjs'
import { inProject, root, say } from './project.mjs'
import { ensureSystemPackages } from './system-packages.mjs'
import { hasDisplay, startVirtualDisplay } from './virtual-display.mjs'

const PORTAL_READY_WITHIN_MS = 60_000
/** Chromium looks for a system bus at every start and says several times that there is none; that is harmless. */
const CHROMIUM_NOISE = /:ERROR:(bus|object_proxy)\.cc/
const READY_LINE = /^Portal ready on (\S+)/

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(help())
else
  process.exitCode = await run(
    args.includes('--portal-only'),
    args.filter((argument) => argument !== '--portal-only'),
  )

async function run(portalOnly, appArguments) {
  const stop = stopRequest()
  const children = createChildren()
  try {
    const runtime = await setUp(portalOnly)
    if (stop.requested) return 0
    // The display comes first, because it is to be stopped last.
    const display = portalOnly ? {} : await appDisplay(children)
    const portal = startPortal()
    children.add(portal)
    const address = await Promise.race([portalReady(portal), stop.promise])
    if (stop.requested) return 0
    if (portalOnly) return await Promise.race([exitCode(portal, 'portal'), stop.promise])
    if (display.DISPLAY) say('start', `no display: the app runs on a virtual one; manage it at ${address}`)
    const app = startApp(runtime.executable, address, display, appArguments)
    children.add(app)
    return await Promise.race([exitCode(app, 'app'), portalLost(portal), stop.promise])
  } catch (error) {
    say('start', error.message)
    return 1
  } finally {
    await children.stopAll()
  }
}

async function setUp(portalOnly) {
  await ensureDependencies()
  if (portalOnly) {
    await bundle({ only: ['portal/server', 'portal/web'] })
    return undefined
  }
  ensureSystemPackages()
  // Loaded here, because it needs the dependencies.
  const { electronRuntime } = await import('./electron-runtime.mjs')
  const runtime = await electronRuntime()
  await bundle()
  return runtime
}

async function appDisplay(children) {
  if (hasDisplay()) return {}
  const display = await startVirtualDisplay()
  children.add(display.process)
  return display.env
}

/** The portal ends by itself when its IPC channel closes, that is, when this process is gone. */
function startPortal() {
  return spawn(process.execPath, ['--enable-source-maps', inProject('out/portal/server/main.js')], {
    cwd: root,
    // Somebody at a terminal wants the addresses, not a line for every request.
    env: { ...process.env, PORTAL_LOG_LEVEL: process.env.PORTAL_LOG_LEVEL || 'warn' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

function startApp(executable, address, display, appArguments) {
  const env = { ...process.env, ...display }
  env.PROTECTION_PORTAL_URL ||= address
  // Would make Electron a plain Node.
  delete env.ELECTRON_RUN_AS_NODE
  const args = ['.', ...appArguments]
  // Chromium refuses its sandbox to root; everyone else keeps it.
  if (process.getuid?.() === 0) args.unshift('--no-sandbox')
  if (display.DISPLAY) args.unshift('--disable-gpu')
  const app = spawn(executable, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'], env })
  createInterface({ input: app.stderr }).on('line', (line) => {
    if (!CHROMIUM_NOISE.test(line)) console.error(line)
  })
  return app
}

/** The portal's address, once it has printed that it listens. Passes on everything that it prints. */
function portalReady(portal) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the portal was not ready in time')), PORTAL_READY_WITHIN_MS)
    portal.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`the portal stopped before it was ready (exit code ${code})`))
    })
    createInterface({ input: portal.stdout }).on('line', (line) => {
      console.log(line)
      const found = READY_LINE.exec(line)
      if (!found) return
      clearTimeout(late)
      resolve(found[1])
    })
  })
}

function exitCode(child, name) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`the ${name} could not be started: ${error.message}`)))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

async function portalLost(portal) {
  const code = await exitCode(portal, 'portal')
  throw new Error(`the portal stopped (exit code ${code})`)
}

/** Set by the first signal, or when npm is gone. A second signal changes nothing: stopping has its own time limits. */
function stopRequest() {
  const stop = { requested: false, promise: undefined }
  stop.promise = new Promise((resolve) => {
    const request = () => {
      stop.requested = true
      resolve(0)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, request)
    watchParent(request)
  })
  return stop
}

function help() {
  return `npm start [-- ARGUMENTS FOR THE APP]   the portal, and the app connected to it
npm run portal                         the portal alone

Environment, all optional:
${environmentHelp()}`
}
