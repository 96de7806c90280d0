// What is not there or broken: the portal away, settings and journals damaged, the app started twice. Each says so, and local
// protection goes on.
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState, callBridge } from '../support/bridge.ts'
import { filesBelow } from '../support/files-of.ts'
import { startMailServer } from '../support/mail-server.ts'
import { createAccount } from '../support/portal-account.ts'
import { startPortal } from '../support/portal-process.ts'
import { writeEicar, writeSuspicious } from '../support/samples.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'
import { startMs } from '../support/waits.ts'

const credentials = { email: 'marta@example.org', password: 'Winter-Bicycle-26' }
/** Nothing listens there. */
const nowhere = 'http://localhost:1'

let folder: string
let area: string
let computer: TestComputer

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errors-'))
  area = join(folder, 'area')
  mkdirSync(area)
})

test.afterEach(() =>
  endAll(
    () => computer?.quit(),
    () => removeFolder(folder),
  ),
)

function newComputer(portalUrl = nowhere): TestComputer {
  computer = new TestComputer({ folder: join(folder, 'computer'), portalUrl, area })
  return computer
}

async function scanFindsAndTreats(main: MainWindow, name: string): Promise<void> {
  writeEicar(join(area, name))
  await main.runQuickScan()
  expect(existsSync(join(area, name))).toBe(false)
  await main.open('Detected objects')
  await expect(main.objectRow(name)).toContainText('Deleted')
}

test('a portal that does not answer has its own message and next step, for signing in and for an account', async () => {
  const main = await newComputer().startApp()
  const signIn = await computer.openSignIn(main)
  await signIn.fillAndSubmit(credentials.email, credentials.password)
  await signIn.expectMessage(/Check the network\. My Kaspersky does not answer at http:\/\/localhost:1\./)
  await screenshot(signIn.page, 'app-sign-in-portal-down')
  await expect(signIn.page.getByLabel('E-mail')).toHaveValue(credentials.email)
  await signIn.page.getByRole('button', { name: 'Create' }).click()
  await signIn.expectMessage(/Check the network/)
  await scanFindsAndTreats(main, 'offline.com')
})

test('when the portal goes away the app says since when, protects on, and comes back by itself', async () => {
  const mail = await startMailServer()
  let portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  try {
    await createAccount(portal.url, mail, credentials)
    const main = await newComputer(portal.url).startApp()
    await computer.signIn(main, credentials)
    await main.expectConnected(credentials.email)

    const port = Number(new URL(portal.url).port)
    await portal.stop()
    await expect(main.page.getByText(/Not connected since (today|yesterday) \d/)).toBeVisible()
    await expect(main.page.getByText('Not connected. Local protection keeps running')).toBeVisible()
    await screenshot(main.page, 'app-profile-not-connected')
    await scanFindsAndTreats(main, 'alone.com')
    const outboxWaiting = async () => (await appState(main.page)).cloud.value.outboxWaiting
    await expect.poll(outboxWaiting).toBeGreaterThan(0)

    portal = await startPortal({ dataDir: portal.dataDir, port, smtpUrl: mail.url })
    await main.open('Profile')
    // It tries again after a minute at most.
    await expect(main.page.getByText('Connected to My Kaspersky')).toBeVisible({ timeout: 90_000 })
    await expect.poll(outboxWaiting).toBe(0)
  } finally {
    await endAll(
      () => portal.stop(),
      () => mail.close(),
    )
  }
})

for (const [kind, content] of [
  ['cut off', '{"version":1,"settings":{"scan":{"quick'],
  ['binary', '\u0000\u0001\u0002'],
  ['of another shape', '{"version":1,"settings":{"theme":42}}'],
] as const) {
  test(`settings that are ${kind} are set aside and reported, and the app works with its defaults`, async () => {
    const file = join(newComputer().dataDir, 'settings.json')
    writeFileSync(file, content)
    let main = await computer.startApp()
    await main.expectProblem('The settings were damaged')
    await screenshot(main.page, 'app-settings-damaged')
    const aside = readdirSync(computer.dataDir).filter((name) => name.startsWith('settings.json.damaged-'))
    expect(aside).toHaveLength(1)
    expect(readFileSync(join(computer.dataDir, aside[0] ?? ''), 'utf8')).toBe(content)
    expect(await callBridge(main.page, 'settings.change', { theme: 'dark' })).toMatchObject({ ok: true })
    await scanFindsAndTreats(main, 'defaults.com')
    await computer.quit()
    main = await computer.startApp()
    expect((await appState(main.page)).settings.value.theme).toBe('dark')
  })
}

test('a torn last line in every journal costs that line and nothing else', async () => {
  let main = await newComputer().startApp()
  writeSuspicious(join(area, 'review.js'))
  await scanFindsAndTreats(main, 'before.com')
  await computer.quit()
  const journals = filesBelow(computer.dataDir).filter((file) => file.endsWith('.jsonl'))
  expect(journals.map((file) => file.slice(computer.dataDir.length + 1))).toEqual(
    expect.arrayContaining(['detections.jsonl', 'history.jsonl']),
  )
  const before = new Map(journals.map((file) => [file, linesOf(file)]))
  for (const file of journals) appendFileSync(file, '{"torn":"by a power cu')

  main = await computer.startApp()
  await main.open('Detected objects')
  await expect(main.objectRow('before.com')).toContainText('Deleted')
  await expect(main.objectRow('review.js')).toHaveCount(1)
  await main.open('Quarantine')
  await expect(main.page.getByText('before.com').first()).toBeVisible()
  const { problems } = (await appState(main.page)).protection.value
  expect(problems.map(({ kind }) => kind)).not.toContain('storage-damaged')
  await scanFindsAndTreats(main, 'after.com')
  await computer.quit()
  for (const [file, all] of before) {
    // A finished treatment is kept as its outcome; its steps are dropped at every start.
    const lines = file.endsWith('treatments.jsonl') ? all.filter((line) => line.includes('"kind":"outcome"')) : all
    expect([file, linesOf(file)]).toEqual([file, expect.arrayContaining(lines)])
    expect([file, readFileSync(file, 'utf8').includes('"torn"')]).toEqual([file, false])
  }
})

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean)

test('a second start ends at once and shows the first window; where they cannot meet, the data folder is refused', async () => {
  const main = await newComputer().startApp()
  const lock = () => readFileSync(join(computer.dataDir, 'app.lock'), 'utf8')
  const log = () => readFileSync(join(computer.dataDir, 'logs', 'app.log'), 'utf8')
  await expect.poll(async () => (await appState(main.page)).protection.value.engine, { timeout: startMs }).toBe('ready')
  const held = lock()
  await computer.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize())
  const second = computer.spawnSecond('chromium')
  expect((await once(second, 'exit'))[0]).toBe(0)
  await expect
    .poll(() => computer.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized()))
    .toBe(false)
  expect(computer.windows()).toHaveLength(1)

  const apart = computer.spawnSecond('other-chromium')
  try {
    await expect.poll(log, { timeout: startMs }).toContain('the client could not start {"code":"storage-locked"')
    expect(lock()).toBe(held)
  } finally {
    const gone = once(apart, 'exit')
    apart.kill('SIGKILL')
    await gone
  }
  await scanFindsAndTreats(main, 'first.com')
})
