// Everything the page asks about the account: session, sign-in, sign-up, links from messages. Writes the session state.
// Never keeps a password.
import type { z } from 'zod'
import { accountApi } from '#shared/cloud-protocol/http-api.ts'
import { ProductError } from '#shared/errors.ts'
import { sessionStore } from '../state/session.ts'
import { request, setCsrfToken, whenUnauthenticated } from './http.ts'
import { proofOf } from './password-keys.ts'

whenUnauthenticated(() => endSession(sessionStore.getState().status === 'signed-in'))

/** Grows whenever somebody signs in or out: what was asked before is not about now. */
let changes = 0

/** Asks who is signed in; the page knows where to begin afterwards. */
export async function loadSession(): Promise<void> {
  const askedAt = changes
  sessionStore.setState({ failure: undefined })
  try {
    const session = await request(accountApi.session, {})
    if (askedAt === changes) begin(session)
  } catch (error) {
    if (askedAt !== changes) return
    if (error instanceof ProductError && error.code === 'unauthenticated') return
    sessionStore.setState({ failure: error })
  }
}

/** Signs in with a proof of the password. */
export async function signIn(email: string, password: string): Promise<void> {
  const { salt } = await request(accountApi.salt, { body: { email } })
  const proof = await proofOf(password, salt)
  begin(await request(accountApi.signIn, { body: { email, proof } }))
}

function begin({ account, csrfToken }: z.output<typeof accountApi.session.answer>): void {
  changes += 1
  setCsrfToken(csrfToken)
  sessionStore.setState({ status: 'signed-in', account, ended: false })
}

/** Signs out here; the devices stay connected. */
export async function signOut(): Promise<void> {
  try {
    await request(accountApi.signOut, {})
  } catch (error) {
    if (!(error instanceof ProductError) || error.code !== 'unauthenticated') throw error
  }
  endSession(false)
}

/** The session is over. `byPortal`: not by a click here, so the sign-in page says it. */
export function endSession(byPortal: boolean): void {
  changes += 1
  setCsrfToken(undefined)
  sessionStore.setState({ status: 'signed-out', account: undefined, ended: byPortal })
}

/** Portal sign-up (A2). Returns a function that asks for the message again. */
export async function signUp(email: string, password: string): Promise<() => Promise<void>> {
  const { salt } = await request(accountApi.salt, { body: { email } })
  const proof = await proofOf(password, salt)
  const ask = async () => {
    await request(accountApi.signUp, { body: { email, salt, proof } })
  }
  await ask()
  return ask
}

/** Asks for a reset message; the answer is the same for every address. */
export async function requestReset(email: string): Promise<void> {
  await request(accountApi.reset, { body: { email } })
}

/** What a link is for, without using it. */
export function readLink(token: string) {
  return request(accountApi.link, { body: { token } })
}

/** Uses a password link. */
export async function setPassword(token: string, password: string, salt: string): Promise<void> {
  const proof = await proofOf(password, salt)
  await request(accountApi.setPassword, { body: { token, proof } })
}

/** Uses an activation link. */
export async function activate(token: string): Promise<void> {
  await request(accountApi.activate, { body: { token } })
}

/** Asks for the message of a used or expired link again. */
export async function resendLink(token: string): Promise<void> {
  await request(accountApi.resend, { body: { token } })
}
