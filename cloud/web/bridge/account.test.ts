// What the page sends when an account is made.
import { afterEach, expect, it, vi } from 'vitest'
import { signUp } from './account.ts'
import { proofOf } from './password-keys.ts'

afterEach(() => vi.unstubAllGlobals())

it('signs up under the salt that the portal keeps for the address', async () => {
  const salt = Buffer.alloc(16, 7).toString('base64')
  const sent: [string, Record<string, unknown>][] = []
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('fetch', (url: string, { body }: { body: string }) => {
    sent.push([url, JSON.parse(body)])
    return Promise.resolve(Response.json(url === '/api/account/salt' ? { salt } : {}))
  })
  const again = await signUp('anna@x.example', 'correct horse battery')
  await again()
  const signedUp = { email: 'anna@x.example', salt, proof: await proofOf('correct horse battery', salt) }
  expect(sent).toEqual([
    ['/api/account/salt', { email: 'anna@x.example' }],
    ['/api/account/sign-up', signedUp],
    ['/api/account/sign-up', signedUp],
  ])
})
