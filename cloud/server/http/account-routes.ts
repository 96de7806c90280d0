// The account routes. Owns nothing but the way from a request to the account service and the session cookie.
import { accountApi } from '#shared/cloud-protocol/http-api.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { Sessions } from '../accounts/sessions.ts'
import { iso } from '../clock.ts'
import type { Routes } from './routes.ts'
import { clearSession, type SessionCookie, setSession } from './session-cookie.ts'

export interface AccountRouteDeps {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly cookie: () => SessionCookie
}

export function registerAccountRoutes(routes: Routes, deps: AccountRouteDeps): void {
  const { accounts } = deps
  routes.open(accountApi.salt, ({ body }) => ({ salt: accounts.salt(body.email) }))
  routes.open(accountApi.create, async ({ body }) => {
    await accounts.create(body.email)
    return {}
  })
  routes.open(accountApi.reset, async ({ body }) => {
    await accounts.reset(body.email)
    return {}
  })
  routes.open(accountApi.link, ({ body }) => accounts.link(body.token))
  routes.open(accountApi.setPassword, async ({ body }) => {
    await accounts.setPassword(body.token, body.proof)
    return {}
  })
  routes.open(accountApi.resend, async ({ body }) => {
    await accounts.resend(body.token)
    return {}
  })
  routes.open(accountApi.signUp, async ({ body }) => {
    await accounts.signUp(body.email, body.salt, body.proof)
    return {}
  })
  routes.open(accountApi.activate, async ({ body }) => {
    await accounts.activate(body.token)
    return {}
  })
  registerSessionRoutes(routes, deps)
}

function registerSessionRoutes(routes: Routes, { accounts, sessions, cookie }: AccountRouteDeps): void {
  routes.open(accountApi.signIn, async ({ body }, { networkAddress, reply }) => {
    const account = await accounts.verify(body.email, body.proof, networkAddress)
    const { token, sessionId } = await sessions.start(account.id)
    setSession(reply, cookie(), token)
    return {
      account: { email: account.email, createdAt: iso(account.createdAt) },
      csrfToken: reply.generateCsrf({ userInfo: sessionId, secure: cookie().secure }),
    }
  })
  routes.signedIn(accountApi.session, (_input, who, { reply }) => ({
    account: { email: who.email, createdAt: iso(who.createdAt) },
    csrfToken: reply.generateCsrf({ userInfo: who.sessionId, secure: cookie().secure }),
  }))
  routes.signedIn(accountApi.signOut, async (_input, who, { reply }) => {
    await sessions.end(who)
    clearSession(reply, cookie())
    return {}
  })
}
