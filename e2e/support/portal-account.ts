// The portal's account routes as a program uses them, for specs whose story begins with an account that is there.
import { webcrypto } from 'node:crypto'
import { accountApi } from '../../shared/cloud-protocol/http-api.ts'
import { derivePasswordKeys, fromBase64, type SubtleLike } from '../../shared/crypto/password-proof.ts'
import { linkIn, type MailServer } from './mail-server.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** Asks, follows the link of the message and sets the password. */
export async function createAccount(portalUrl: string, mail: MailServer, given: Credentials): Promise<void> {
  const { email, password } = given
  const before = mail.received.length
  await expectOk(await post(portalUrl, accountApi.create.path, { email }))
  const token = new URL(linkIn(await mail.waitFor(email, before))).searchParams.get('token')
  const proof = await proofFor(portalUrl, email, password)
  await expectOk(await post(portalUrl, accountApi.setPassword.path, { token, proof }))
}

/** What is sent in the place of a password. */
export async function proofFor(portalUrl: string, email: string, password: string): Promise<string> {
  const { salt } = (await (await post(portalUrl, accountApi.salt.path, { email })).json()) as { salt: string }
  const subtle = webcrypto.subtle as unknown as SubtleLike
  return (await derivePasswordKeys(subtle, password, fromBase64(salt))).proof
}

/** A request without a browser, hence without cookies and Origin unless they are given. */
export function post(
  portalUrl: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(new URL(path, portalUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
}
