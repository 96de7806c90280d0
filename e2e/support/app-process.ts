// Starts the real app (real Electron, test entry with injected ports) with data, temporary folder and scan areas of its
// own, so that nothing of the machine is ever scanned or treated.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { MainWindow } from '../pages/app/main-window.ts'
import { SignInWindow } from '../pages/app/sign-in-window.ts'
import { keepLastWords } from './last-words.ts'
import { machineFileName } from './machine-file.ts'
import type { Credentials } from './portal-account.ts'
import { endedWithWorker } from './teardown.ts'
import { TestMachine } from './test-machine.ts'
import { titleOf } from './title-of.ts'
import { startMs } from './waits.ts'

export interface AppOptions {
  /** Folder for everything of this app; the same folder again = the same computer. */
  readonly folder: string
  readonly portalUrl: string
  /** What Quick and Full Scan look at. */
  readonly area: string
  /** Settings that differ from the defaults, as the settings file has them. */
  readonly settings?: Record<string, unknown>
  /** Variables of its environment besides the usual ones; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A packaged app to start instead of the built one with the test entry. */
  readonly program?: string
  /** Further switches of Chromium. */
  readonly switches?: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')
/** The plain runtime, with no fuse changed. */
export const electronProgram = createRequire(import.meta.url)('electron') as string
const mainPage = 'app://bundle/main.html'

/** One computer: its folders and its boot token outlive the app's process. */
export class TestComputer {
  readonly machine: TestMachine
  private readonly options: AppOptions
  private app: ElectronApplication | undefined

  constructor(options: AppOptions) {
    this.options = options
    mkdirSync(this.tempDir, { recursive: true })
    mkdirSync(this.dataDir, { recursive: true })
    const { settings = {} } = options
    writeFileSync(join(this.dataDir, 'settings.json'), JSON.stringify({ version: 1, settings }))
    this.machine = new TestMachine(machineFileName(this.tempDir))
  }

  get dataDir(): string {
    return join(this.options.folder, 'data')
  }

  /** The home whose autostart entries its engine knows. */
  get home(): string {
    return join(this.tempDir, 'home')
  }

  async startApp(): Promise<MainWindow> {
    this.app = await this.launch()
    this.app.context().setDefaultTimeout(startMs)
    return new MainWindow(await this.windowWhere('shows the main page', async (page) => page.url() === mainPage))
  }

  /**
   * The app once more on the same data folder, as a second click on its icon does; nobody drives this one. With another
   * folder for Chromium the two cannot find each other, as with two users or two sessions.
   */
  spawnSecond(chromiumFolder: 'chromium' | 'other-chromium'): ChildProcess {
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const args = [...sandbox, ...this.argumentsFor(chromiumFolder)]
    const program = this.options.program ?? electronProgram
    return endedWithWorker(spawn(program, args, { cwd: root, env: this.environment(), stdio: 'ignore' }))
  }

  /** The running app, for what only its main process knows. */
  get electron(): ElectronApplication {
    return this.running
  }

  /** All windows that are open now. */
  windows(): readonly Page[] {
    return this.running.windows()
  }

  /** The window of this title, as soon as it is there. */
  windowCalled(title: string): Promise<Page> {
    return this.windowWhere(`is called ${title}`, async (page) => (await titleOf(page)) === title)
  }

  private async windowWhere(what: string, isIt: (page: Page) => Promise<boolean>): Promise<Page> {
    const end = Date.now() + startMs
    for (;;) {
      for (const page of this.windows()) if (await isIt(page)) return page
      if (Date.now() > end) throw new Error(`no window ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** As a person does it with the mouse on the frame. */
  async closeWindow(title: string): Promise<void> {
    await this.running.evaluate(({ BrowserWindow }, wanted) => {
      for (const window of BrowserWindow.getAllWindows()) if (window.webContents.getTitle() === wanted) window.close()
    }, title)
  }

  /** Ends the page inside of a window, as a fault of it would. */
  async crashPage(title: string): Promise<void> {
    await this.running.evaluate(({ BrowserWindow }, wanted) => {
      const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getTitle() === wanted)
      window?.webContents.forcefullyCrashRenderer()
    }, title)
  }

  /** What a window says, asked of its main process: after a crash there is no other way to it. */
  textOf(title: string): Promise<string> {
    return this.running.evaluate(({ BrowserWindow }, wanted) => {
      const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getTitle() === wanted)
      const { webContents } = window ?? {}
      if (!webContents || webContents.isCrashed()) return ''
      const asked = webContents.executeJavaScript('document.getElementById("root").textContent')
      // A page that ends meanwhile never answers.
      const late = new Promise((resolve) => setTimeout(() => resolve(''), 1_000))
      return Promise.race([asked, late]) as Promise<string>
    }, title)
  }

  async openSignIn(main: MainWindow): Promise<SignInWindow> {
    await main.open('Profile')
    const opened = this.running.waitForEvent('window', { timeout: startMs })
    await main.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    return new SignInWindow(await opened)
  }

  /** Signs the app in to an account that is there; done when the portal has taken it and the window is gone. */
  async signIn(main: MainWindow, given: Credentials): Promise<void> {
    await (await this.openSignIn(main)).signIn(given)
  }

  /** From now on every native question is answered with its confirming button, as a person would. */
  async confirmQuestions(): Promise<void> {
    await this.running.evaluate(({ dialog }) => {
      dialog.showMessageBox = (async () => ({ response: 1, checkboxChecked: false })) as typeof dialog.showMessageBox
    })
  }

  /** Kills the engine process only, as a crash would. */
  async killEngine(): Promise<void> {
    const pid = await this.running.evaluate(
      ({ app }) =>
        app
          .getAppMetrics()
          .find((metric) => metric.name === 'scanner-engine' || metric.serviceName === 'scanner-engine')?.pid,
    )
    if (pid === undefined) throw new Error('no engine process is running')
    process.kill(pid, 'SIGKILL')
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.running.process()
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    this.app = undefined
  }

  async quit(): Promise<void> {
    const { app } = this
    this.app = undefined
    if (!app) return
    await keepLastWords(app.windows(), this.dataDir)
    await app.close()
  }

  /**
   * Playwright holds a plain runtime back until it is connected, but cannot do so with a package: where it connects before
   * the app is ready, Chromium never answers it. Only that handshake is begun again.
   */
  private async launch(): Promise<ElectronApplication> {
    const { program } = this.options
    const options = { cwd: root, args: this.argumentsFor('chromium'), env: this.environment() }
    if (program === undefined) return _electron.launch({ ...options, timeout: startMs })
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await _electron.launch({ ...options, executablePath: program, timeout: 20_000 })
      } catch (error) {
        if (attempt === 3) throw error
      }
    }
  }

  private argumentsFor(chromiumFolder: string): string[] {
    const { folder, program, switches = [] } = this.options
    const entry = program === undefined ? ['out/e2e/app.js'] : []
    return [...entry, '--disable-gpu', `--user-data-dir=${join(folder, chromiumFolder)}`, ...switches]
  }

  private environment(): Record<string, string> {
    const { portalUrl, area, env } = this.options
    const given = {
      ...process.env,
      TMPDIR: this.tempDir,
      PROTECTION_DATA_DIR: this.dataDir,
      PROTECTION_PORTAL_URL: portalUrl,
      PROTECTION_QUICK_AREAS: area,
      PROTECTION_FULL_AREAS: area,
      // A test that is about file protection names its own folder; nothing of the machine is ever watched.
      PROTECTION_WATCHED_FOLDERS: join(this.options.folder, 'watched'),
      ...env,
      ELECTRON_RUN_AS_NODE: undefined,
    }
    const set = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return Object.fromEntries(set)
  }

  private get tempDir(): string {
    return join(this.options.folder, 'tmp')
  }

  private get running(): ElectronApplication {
    if (!this.app) throw new Error('the app is not running')
    return this.app
  }
}
