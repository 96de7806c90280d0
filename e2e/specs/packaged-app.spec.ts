// The package that people install: what is in it and what is not, which fuses its binary really has, that nothing injected
// runs in it, and that it shows Home and finds and treats malware.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractFile } from '@electron/asar'
import { chromium, expect, type Page, test } from '@playwright/test'
import { MainWindow } from '../pages/app/main-window.ts'
import { electronProgram, TestComputer } from '../support/app-process.ts'
import { appState } from '../support/bridge.ts'
import { fuseProfiles, type PackagedApp, packageApp, packagedFiles } from '../support/packaged-app.ts'
import { writeEicar, writeInfected } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, endedWithWorker, removeFolder } from '../support/teardown.ts'
import { scanMs, startMs } from '../support/waits.ts'

test.describe.configure({ mode: 'serial' })

let folder: string
let release: PackagedApp
let tested: PackagedApp
let computer: TestComputer | undefined
let running: ChildProcess | undefined

test.beforeAll(async () => {
  // Two packages: ten seconds each on a quiet machine.
  test.setTimeout(600_000)
  folder = mkdtempSync(join(tmpdir(), 'packaged-'))
  release = await packageApp('release')
  tested = await packageApp('tested')
})

test.afterAll(() =>
  endAll(
    () => computer?.quit(),
    async () => {
      if (running && running.exitCode === null && running.kill('SIGKILL')) await once(running, 'exit')
    },
    () => removeFolder(folder),
  ),
)

const expectHome = async (page: Page) => {
  await expect(page.getByRole('button', { name: /^Home/ })).toHaveAttribute('aria-current', 'page')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

/** A script that leaves a mark wherever it is run. */
function hostileScript(name: string): { script: string; mark: string } {
  const mark = join(folder, `${name}.ran`)
  const script = join(folder, `${name}.cjs`)
  writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'ran')`)
  return { script, mark }
}

test('the binaries have the fuses of their profile', async () => {
  const { RELEASE_FUSES, TESTED_FUSES, wrongFuses } = await fuseProfiles()
  expect(RELEASE_FUSES).toMatchObject({
    runAsNode: false,
    enableNodeCliInspectArguments: false,
    onlyLoadAppFromAsar: true,
  })
  expect(await wrongFuses(release.program, RELEASE_FUSES)).toEqual([])
  expect(await wrongFuses(tested.program, TESTED_FUSES)).toEqual([])
})

test('the package holds the product and its databases, and nothing of the tests', () => {
  const files = packagedFiles(release)
  for (const name of [
    '/package.json',
    '/LICENSE',
    '/out/main/index.js',
    '/out/main/engine-host.js',
    '/out/preload/index.cjs',
  ])
    expect(files).toContain(name)
  expect(files.filter((file) => /^\/out\/(?!main|preload|renderer)./.test(file))).toEqual([])
  expect(files.filter((file) => /^\/(e2e|shared|electron|renderer|cloud|build|bench|docs)\b/.test(file))).toEqual([])
  expect(files.filter((file) => /\.test\.|\.spec\.|\.map$|\/testing\//.test(file) && file.startsWith('/out'))).toEqual(
    [],
  )
  const code = files.filter((file) => /^\/out\/.*\.c?js$/.test(file))
  for (const file of code) {
    const text = extractFile(release.archive, file.slice(1)).toString('latin1')
    expect([file, /STANDARD-ANTIVIRUS-TEST|e2e-machine|E2E_/.test(text)]).toEqual([file, false])
  }
  expect(readdirSync(join(release.folder, 'resources'))).not.toContain('default_app.asar')
  expect(readdirSync(join(release.folder, 'resources/resources/databases')).sort()).toEqual([
    'databases.json',
    'seed.hsb',
    'seed.yar',
  ])
  expect(existsSync(join(release.folder, 'resources/resources/icons/app/256x256.png'))).toBe(true)
})

test('the release is no Node: ELECTRON_RUN_AS_NODE runs nothing', () => {
  const runAsNode = (program: string, name: string, withinMs: number) => {
    const { script, mark } = hostileScript(name)
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', PROTECTION_DATA_DIR: join(folder, 'as-node') }
    try {
      execFileSync(program, [script], { env, stdio: 'ignore', timeout: withinMs })
    } catch {
      // It began as the app and was ended, or refused to begin; either way the script is what counts.
    }
    return existsSync(mark)
  }
  expect(runAsNode(electronProgram, 'unfused', 60_000)).toBe(true)
  expect(runAsNode(release.program, 'release', 5_000)).toBe(false)
})

test('the fully fused release shows Home and treats what a scan finds, and runs nothing that is injected', async () => {
  const options = hostileScript('node-options')
  const entry = hostileScript('entry')
  const beside = hostileScript('app-folder')
  const appFolder = join(release.folder, 'resources/app')
  rmSync(appFolder, { recursive: true, force: true })
  mkdirSync(appFolder)
  writeFileSync(join(appFolder, 'package.json'), JSON.stringify({ name: 'hostile', main: beside.script }))
  const area = join(folder, 'area')
  mkdirSync(area)
  writeEicar(join(area, 'eicar.com'))
  writeInfected(join(area, 'tool.bin'))
  try {
    const { page, browser } = await startRelease([entry.script], {
      NODE_OPTIONS: `--require ${options.script}`,
      E2E: '1',
      E2E_ENTRY: entry.script,
      E2E_MACHINE: join(folder, 'machine.json'),
      PROTECTION_DATA_DIR: join(folder, 'data'),
      PROTECTION_PORTAL_URL: 'http://localhost:1',
      PROTECTION_QUICK_AREAS: area,
      PROTECTION_WATCHED_FOLDERS: join(folder, 'watched'),
    })
    await expectHome(page)
    const protection = async () => (await appState(page)).protection.value
    await expect.poll(async () => (await protection()).engine, { timeout: startMs }).toBe('ready')
    const { patternBackend, databases } = await protection()
    expect([patternBackend, databases?.source]).toEqual(['native', 'seed'])
    await screenshot(page, 'app-packaged-home')
    await new MainWindow(page).startQuickScan()
    for (const name of ['eicar.com', 'tool.bin'])
      await expect.poll(() => existsSync(join(area, name)), { timeout: scanMs }).toBe(false)
    // Let go of first: Playwright goes on asking a browser that it thinks is there.
    await browser.close()
    running?.kill('SIGTERM')
    expect((await once(running as ChildProcess, 'exit'))[0]).toBe(0)
  } finally {
    rmSync(appFolder, { recursive: true, force: true })
  }
  for (const { mark } of [options, entry, beside]) expect([mark, existsSync(mark)]).toEqual([mark, false])
})

test('a packaged app knows that it is one: no DevTools, its own archive, its icons', async () => {
  computer = new TestComputer({
    folder: join(folder, 'computer'),
    portalUrl: 'http://localhost:1',
    area: folder,
    program: tested.program,
  })
  const main = await computer.startApp()
  await expectHome(main.page)
  const inside = await computer.electron.evaluate(({ app, BrowserWindow, nativeImage }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    contents?.openDevTools()
    const { resourcesPath } = process as NodeJS.Process & { resourcesPath: string }
    return {
      isPackaged: app.isPackaged,
      archive: app.getAppPath().slice(resourcesPath.length + 1),
      devTools: contents?.isDevToolsOpened(),
      noIcon: nativeImage.createFromPath(`${resourcesPath}/resources/icons/app/256x256.png`).isEmpty(),
    }
  })
  expect(inside).toEqual({ isPackaged: true, archive: 'app.asar', devTools: false, noIcon: false })
})

/** Starts the release as a person would, with Chromium's own debugging port as the only window into it. */
async function startRelease(further: readonly string[], variables: Record<string, string>) {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const args = [...sandbox, '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${join(folder, 'chromium')}`]
  const env = { ...process.env, ...variables }
  const child = endedWithWorker(
    spawn(release.program, [...args, ...further], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
  )
  running = child
  const port = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (piece: Buffer) => {
      text += piece.toString()
      const found = /DevTools listening on ws:..127\.0\.0\.1:(\d+)/.exec(text)?.[1]
      if (found) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`the release ended with ${code}:\n${text}`)))
  })
  // Who connects before there is a window is never answered.
  const pages = async () => (await fetch(`http://127.0.0.1:${port}/json/list`)).text()
  await expect.poll(pages, { timeout: startMs }).toContain('app://bundle/main.html')
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  const [context] = browser.contexts()
  const page = context?.pages()[0] ?? (await context?.waitForEvent('page'))
  if (!page) throw new Error('the release opened no window')
  return { page, browser }
}
