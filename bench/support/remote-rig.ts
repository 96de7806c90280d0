// A real portal with embedded database, a real app connected to it, and the page's side: signed in over HTTP with cookie and
// CSRF token, listening on the page's socket. Everything on loopback and in one temporary folder.
import { randomUUID, webcrypto } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { derivePasswordKeys, fromBase64 } from '#shared/crypto/password-proof.ts'
import type { CommandBody, CommandRecord, CommandStatus } from '#shared/domain/command.ts'
import { isFinal } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { type Browser, openBrowser, type PageListener, type Reply } from '../../cloud/server/testing/browser.ts'
import { TestComputer } from '../../e2e/support/app-process.ts'
import { linkIn, type MailServer, startMailServer } from '../../e2e/support/mail-server.ts'
import { type PortalProcess, startPortal } from '../../e2e/support/portal-process.ts'
import { pause, until } from './wait.ts'

const email = 'bench@example.org'
const password = 'Quiet-Harbour-42'
const readyMs = 60_000

/** What the page sees of one command, timed from its click. */
export interface Seen {
  readonly ms: number
  readonly command: CommandRecord
}

export class RemoteRig {
  private readonly folder: string
  private mail: MailServer | undefined
  private portal: PortalProcess | undefined
  private computer: TestComputer | undefined
  private browser: Browser | undefined
  private listener: PageListener | undefined
  private deviceId = ''

  constructor(folder: string) {
    this.folder = folder
  }

  /** What Quick Scan looks at. */
  get area(): string {
    return join(this.folder, 'area')
  }

  get portalPid(): number {
    return this.portal?.child.pid ?? 0
  }

  async start(): Promise<void> {
    mkdirSync(this.area, { recursive: true })
    this.mail = await startMailServer()
    this.portal = await startPortal({ dataDir: join(this.folder, 'portal'), smtpUrl: this.mail.url })
    this.browser = openBrowser(this.portal.url)
    await this.createAccount(this.browser, this.mail)
    this.listener = await this.browser.listen()
  }

  /** Starts the app; the first time it signs in through its own window. Ends the one that ran before. */
  async startApp(loadCeilingPercent: number): Promise<void> {
    await this.computer?.quit()
    this.computer = new TestComputer({
      folder: join(this.folder, 'computer'),
      portalUrl: this.portal?.url ?? '',
      area: this.area,
      settings: { scan: { remoteLoadCeilingPercent: loadCeilingPercent } },
    })
    const main = await this.computer.startApp()
    if (this.deviceId === '') {
      const signIn = await this.computer.openSignIn(main)
      await signIn.fillAndSubmit(email, password)
    }
    this.deviceId = await until('the computer in Devices', readyMs, () => this.onlineDevice(), 200)
    // The engine has loaded its databases, and the app has told the portal of it.
    await pause(5000)
  }

  /** Sends a command as the page does and tells when the page first saw it in this status or beyond. */
  async command(body: CommandBody, limitMs: number): Promise<{ running: Seen; end: Seen }> {
    const { browser, listener } = this
    if (!browser || !listener) throw new Error('not started')
    const id = randomUUID()
    listener.events.length = 0
    const clicked = performance.now()
    const reply = await browser.post(`/api/devices/${this.deviceId}/commands`, { id, body })
    expectOk(reply)
    const see = (what: string, fits: (command: CommandRecord) => boolean) =>
      until(what, limitMs, () => {
        const command = latest(listener, id)
        return command && fits(command) ? { ms: performance.now() - clicked, command } : null
      })
    const running = await see('running', ({ status }) => status !== 'planned' && status !== 'delivered')
    const end = await see('the end', ({ status }) => isFinal(status))
    expectStatus(end.command, 'done')
    return { running, end }
  }

  async stop(): Promise<void> {
    this.listener?.close()
    await this.computer?.quit()
    await this.portal?.stop()
    await this.mail?.close()
  }

  /** The whole way of a person: message, link, password, sign-in. */
  private async createAccount(browser: Browser, mail: MailServer): Promise<void> {
    expectOk(await browser.post('/api/account/create', { email }))
    const token = new URL(linkIn(await mail.waitFor(email))).searchParams.get('token')
    const link = await browser.post('/api/account/link', { token })
    expectOk(link)
    const salt = fromBase64(String(link.body.salt))
    const { proof } = await derivePasswordKeys(webcrypto.subtle, password, salt)
    expectOk(await browser.post('/api/account/password', { token, proof }))
    expectOk(await browser.signIn(email, proof))
  }

  private async onlineDevice(): Promise<string | null> {
    const reply = await this.browser?.get('/api/devices')
    const devices = (reply?.body.devices ?? []) as DeviceCard[]
    return devices.find((device) => device.online)?.id ?? null
  }
}

function latest(listener: PageListener, id: string): CommandRecord | null {
  const mine = listener.events.filter((event) => event.name === 'command.changed' && event.payload.id === id)
  return (mine.at(-1)?.payload as CommandRecord | undefined) ?? null
}

function expectStatus(command: CommandRecord, status: CommandStatus): void {
  if (command.status !== status) throw new Error(`the command ended as ${command.status}: ${command.result?.error}`)
}

function expectOk({ status, body }: Reply): void {
  if (status < 200 || status > 299) throw new Error(`the portal answered ${status}: ${JSON.stringify(body)}`)
}

/** Whole runs with the rig, which is ended whatever happens. */
export async function withRig<T>(folder: string, use: (rig: RemoteRig) => Promise<T>): Promise<T> {
  const rig = new RemoteRig(folder)
  try {
    await rig.start()
    return await use(rig)
  } finally {
    await rig.stop()
  }
}
