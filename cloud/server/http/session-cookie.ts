// The page's session on the wire: an HttpOnly, SameSite=Strict cookie, Secure except on this computer, and the CSRF token
// that goes with it. Owns names and flags.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProductError } from '#shared/errors.ts'
import { type Sessions, type SignedIn, sessionLifetimeMs } from '../accounts/sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | null
  }
}

export interface SessionCookie {
  readonly name: string
  readonly secure: boolean
}

/** `__Host-` makes the browser itself insist on Secure and on this very host. */
export function sessionCookie(publicUrl: string): SessionCookie {
  const secure = publicUrl.startsWith('https:')
  return { name: secure ? '__Host-session' : 'session', secure }
}

export function csrfCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-csrf' : 'csrf'
}

export function setSession(reply: FastifyReply, cookie: SessionCookie, token: string): void {
  reply.setCookie(cookie.name, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: cookie.secure,
    maxAge: sessionLifetimeMs / 1000,
  })
}

export function clearSession(reply: FastifyReply, cookie: SessionCookie): void {
  reply.clearCookie(cookie.name, { path: '/', httpOnly: true, sameSite: 'strict', secure: cookie.secure })
}

/** Fills `request.signedIn` or refuses with `unauthenticated`. */
export async function requireSession(
  sessions: Sessions,
  cookie: SessionCookie,
  request: FastifyRequest,
): Promise<SignedIn> {
  const token = request.cookies[cookie.name]
  const signedIn = token === undefined ? undefined : await sessions.find(token)
  if (!signedIn) throw new ProductError('unauthenticated')
  request.signedIn = signedIn
  return signedIn
}
