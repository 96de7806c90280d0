// Mail that cannot be sent at once, or never.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openBrowser } from '../testing/browser.ts'
import { eventually } from '../testing/eventually.ts'
import { addressOf, startMailServer } from '../testing/mail-server.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { startPortal, temporaryFolder } from '../testing/test-portal.ts'

test('is tried again until the mail server is back, and sent once', async () => {
  const first = await startMailServer()
  await first.close()
  const clock = manualClock()
  const portal = await startPortal({ clock, config: { smtpUrl: first.url } })
  await openBrowser(portal.url).post('/api/account/create', { email: 'ann@example.com' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await clock.advance(6_000)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const second = await startMailServer(first.port)
  await eventually(async () => {
    await clock.advance(30_000)
    return second.received.map(addressOf)
  }).toEqual(['ann@example.com'])
  await clock.advance(150_000)
  expect(second.received).toHaveLength(1)
  await portal.close()
  await second.close()
})

test.each([
  [451, 2],
  [550, 1],
])('a refusal with %i is tried %i times or more', async (status, tries) => {
  let asked = 0
  const server = await startMailServer(0, status)
  const clock = manualClock()
  const portal = await startPortal({ clock, config: { smtpUrl: server.url } })
  server.onRecipient(() => {
    asked += 1
  })
  await openBrowser(portal.url).post('/api/account/create', { email: 'ann@example.com' })
  await eventually(() => asked).toBe(1)
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    await clock.advance(60_000)
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  if (tries === 1) expect(asked).toBe(1)
  else expect(asked).toBeGreaterThanOrEqual(tries)
  await portal.close()
  await server.close()
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
