// Where secrets end up: never in a window's state, never in clear in a file or log; in the keyring of the session while it
// works, else in a file that only its owner can read, and then the app says so.
import { mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import type { MainWindow } from '../pages/app/main-window.ts'
import { TestComputer } from '../support/app-process.ts'
import { appState, callBridge } from '../support/bridge.ts'
import { filesBelow, filesHolding } from '../support/files-of.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { createAccount, proofFor } from '../support/portal-account.ts'
import { type PortalProcess, startPortal } from '../support/portal-process.ts'
import { screenshot } from '../support/screenshot.ts'
import { endAll, removeFolder } from '../support/teardown.ts'

const credentials = { email: 'vera@example.org', password: 'Amber-Lantern-77' }
const weakStorage = 'Secrets are stored with weaker protection'

let folder: string
let mail: MailServer
let portal: PortalProcess
let computer: TestComputer | undefined

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'))
  mkdirSync(join(folder, 'area'))
  mail = await startMailServer()
  portal = await startPortal({ dataDir: join(folder, 'portal'), smtpUrl: mail.url })
  await createAccount(portal.url, mail, credentials)
})

test.afterEach(async () => {
  await computer?.quit()
})

test.afterAll(() =>
  endAll(
    () => portal?.stop(),
    () => mail?.close(),
    () => removeFolder(folder),
  ),
)

function newComputer(name: string, env: Record<string, string | undefined> = {}): TestComputer {
  computer = new TestComputer({ folder: join(folder, name), portalUrl: portal.url, area: join(folder, 'area'), env })
  return computer
}

async function signIn(main: MainWindow, given: TestComputer): Promise<Page> {
  await given.signIn(main, credentials)
  await main.expectConnected(credentials.email)
  return main.page
}

interface SecretFile {
  readonly inKeyring: readonly string[]
  readonly values: Readonly<Record<string, string>>
}

const secretFileOf = ({ dataDir }: TestComputer) =>
  JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as SecretFile

test('with an unlocked keyring secrets are there, and no file or state of the app holds one', async () => {
  const own = newComputer('keyring')
  const main = await own.startApp()
  const page = await signIn(main, own)

  await expect.poll(async () => (await appState(page)).protection.value.secretStorage).toBe('keyring')
  const state = await appState(page)
  expect(state.protection.value.problems.map(({ kind }) => kind)).not.toContain('weak-secret-storage')
  const { inKeyring, values } = secretFileOf(own)
  expect(inKeyring.length).toBeGreaterThan(0)
  expect(values).toEqual({})

  const proof = await proofFor(portal.url, credentials.email, credentials.password)
  for (const secret of [credentials.password, proof]) {
    expect(JSON.stringify(state)).not.toContain(secret)
    expect(filesHolding(join(folder, 'keyring'), secret)).toEqual([])
    expect(filesHolding(join(folder, 'portal'), secret)).toEqual([])
    expect(portal.output()).not.toContain(secret)
  }
  expect(JSON.stringify(state)).not.toMatch(/"[^"]*(password|privateKey|proof|token)[^"]*":/i)
  // What the search would find is really looked at.
  expect(filesHolding(own.dataDir, credentials.email)).toContain('account.json')
  const writableByOthers = (file: string) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o022) !== 0
  expect(filesBelow(own.dataDir).filter(writableByOthers)).toEqual([])
})

test('the sign-in window may not use the calls of the main window', async () => {
  const own = newComputer('limited')
  const main = await own.startApp()
  const { page } = await own.openSignIn(main)
  for (const [name, input] of [
    ['scan.start', { type: 'quick' }],
    ['quarantine.list', { search: '', offset: 0, limit: 10 }],
    ['settings.change', { theme: 'dark' }],
    ['account.disconnect', {}],
  ] as const)
    expect(await callBridge(page, name, input)).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await callBridge(page, 'state.snapshot')).toMatchObject({ ok: true })
})

test('without a session bus the app says that protection is weaker, and a restart keeps its identity', async () => {
  const own = newComputer('no-bus', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', XDG_RUNTIME_DIR: undefined })
  let main = await own.startApp()
  const page = await signIn(main, own)
  await main.open('Notification Center')
  await expect(page.getByText(weakStorage)).toBeVisible()
  await screenshot(page, 'app-weak-secret-storage')

  const file = join(own.dataDir, 'secrets.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const { values } = secretFileOf(own)
  const state = JSON.stringify(await appState(page))
  expect(Object.keys(values).length).toBeGreaterThan(0)
  for (const value of Object.values(values)) {
    expect(state).not.toContain(value)
    expect(filesHolding(own.dataDir, value)).toEqual(['secrets.json'])
  }
  expect(filesHolding(join(folder, 'no-bus'), credentials.password)).toEqual([])

  const before = await appState(page)
  await own.quit()
  main = await own.startApp()
  await main.expectConnected(credentials.email)
  const after = await appState(main.page)
  expect(after.account.value).toEqual(before.account.value)
  expect(secretFileOf(own).values).toEqual(values)
  await main.open('Notification Center')
  await expect(main.page.getByText(weakStorage)).toBeVisible()
})
