// A portal with a mail server, an owner with an account, and devices: what most tests start from.

import type { PortalConfig } from '../config.ts'
import type { Browser } from './browser.ts'
import { newProof, openBrowser } from './browser.ts'
import { type MailServer, startMailServer, tokenIn } from './mail-server.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { connectDevice, type DeviceKey, enrolDevice, type TestDevice } from './test-device.ts'
import { startPortal, type TestPortal } from './test-portal.ts'

export interface Owner {
  readonly email: string
  readonly proof: string
  readonly page: Browser
}

export interface World {
  readonly url: string
  readonly portal: TestPortal
  readonly mail: MailServer
  readonly clock: ManualClock
  owner(email?: string): Promise<Owner>
  device(owner: Owner): Promise<{ deviceId: string; key: DeviceKey }>
  connect(of: { deviceId: string; key: DeviceKey }): Promise<TestDevice>
  close(): Promise<void>
}

let counter = 0

export async function startWorld(config: Partial<PortalConfig> = {}): Promise<World> {
  const mail = await startMailServer()
  const clock = manualClock()
  const portal = await startPortal({ clock, config: { smtpUrl: mail.url, ...config } })
  const { url } = portal
  return {
    url,
    portal,
    mail,
    clock,
    owner: (email = `owner${++counter}@example.com`) => makeOwner(url, mail, email),
    device: async ({ email, proof }) => {
      const reply = await enrolDevice(url, { email, proof, now: clock.now() })
      if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
      return { deviceId: reply.body.deviceId, key: reply.key }
    },
    connect: (of) => connectDevice(url, of),
    close: async () => {
      await portal.close()
      await mail.close()
    },
  }
}

async function makeOwner(url: string, mail: MailServer, email: string): Promise<Owner> {
  const page = openBrowser(url)
  const proof = newProof()
  await page.post('/api/account/create', { email })
  await page.post('/api/account/password', { token: tokenIn(await mail.next(email)), proof })
  const reply = await page.signIn(email, proof)
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  return { email, proof, page }
}
