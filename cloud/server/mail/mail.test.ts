// Mail that cannot be sent at once, or never.
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { newProof, openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { addressOf, startMailServer, tokenIn } from '../testing/mail-server.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { startPortal, temporaryFolder } from '../testing/test-portal.ts'
import { startWorld } from '../testing/world.ts'

test('is tried again until the mail server is back, and sent once', async () => {
  let tries = 0
  const broken = createServer((socket) => {
    tries += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
  const { port } = broken.address() as AddressInfo
  const clock = manualClock()
  const portal = await startPortal({ clock, config: { smtpUrl: `smtp://127.0.0.1:${port}` } })
  await openBrowser(portal.url).post('/api/account/create', { email: 'ann@example.com' })
  await eventually(async () => {
    await clock.advance(6_000)
    return tries
  }).toBeGreaterThanOrEqual(2)
  await new Promise((resolve) => broken.close(resolve))
  const server = await startMailServer(port)
  await eventually(async () => {
    await clock.advance(30_000)
    return server.received.map(addressOf)
  }).toEqual(['ann@example.com'])
  await clock.advance(150_000)
  // Whatever was still due has gone before this one.
  await openBrowser(portal.url).post('/api/account/create', { email: 'bob@example.com' })
  await eventually(() => server.received.map(addressOf)).toEqual(['ann@example.com', 'bob@example.com'])
  await portal.close()
  await server.close()
})

describe('a refusal', () => {
  const refusedWith = async (status: number) => {
    const asked: string[] = []
    const server = await startMailServer(0, status)
    server.onRecipient((address) => asked.push(address))
    const clock = manualClock()
    const portal = await startPortal({ clock, config: { smtpUrl: server.url } })
    const create = (email: string) => openBrowser(portal.url).post('/api/account/create', { email })
    await create('ann@example.com')
    await eventually(() => asked).toEqual(['ann@example.com'])
    const close = async () => {
      await portal.close()
      await server.close()
    }
    return { asked, clock, create, close }
  }

  test('for now is tried again', async () => {
    const { asked, clock, close } = await refusedWith(451)
    await eventually(async () => {
      await clock.advance(60_000)
      return asked.length
    }).toBeGreaterThanOrEqual(2)
    await close()
  })

  test('for good is not', async () => {
    const { asked, clock, create, close } = await refusedWith(550)
    await clock.advance(20 * 60_000)
    await create('bob@example.com')
    await eventually(() => asked).toEqual(['ann@example.com', 'bob@example.com'])
    await close()
  })
})

test('one address cannot be flooded, and files are readable by their owner alone', async () => {
  const { folder, remove } = temporaryFolder()
  const portal = await startPortal({ config: { dataDir: folder } })
  const page = openBrowser(portal.url)
  for (let count = 0; count < 10; count += 1) await page.post('/api/account/create', { email: 'ann@example.com' })
  const outbox = path.join(folder, 'outbox')
  await eventually(() => readdirSync(outbox).filter((name) => name.endsWith('.eml')).length).toBe(6)
  await portal.close()
  const [name = ''] = readdirSync(outbox)
  expect(readFileSync(path.join(outbox, name), 'utf8')).toContain('Subject: Create your My Kaspersky password')
  expect(readdirSync(outbox)).toHaveLength(6)
  remove()
})

test('a flood of one kind does not suppress another', async () => {
  const world = await startWorld()
  const owner = await world.owner()
  const page = openBrowser(world.url)
  for (let count = 0; count < 8; count += 1) await page.post('/api/account/create', { email: owner.email })
  for (let count = 0; count < 8; count += 1) await page.post('/api/account/reset', { email: owner.email })
  const subjects = () => world.mail.received.map((mail) => mail.subject)
  const ofReset = (mail: { subject?: string }) => mail.subject?.startsWith('Reset your') === true
  await eventually(() => world.mail.received.filter(ofReset).length).toBe(6)
  const reset = world.mail.received.find(ofReset)
  await page.post('/api/account/password', { token: tokenIn(reset ?? {}), proof: newProof() })
  await eventually(subjects).toContain('Your My Kaspersky password was changed')
  await world.close()
})
