// A page that shows the messages of a portal without a mail server, for the person at this computer. SECURITY: it exists
// only on loopback, needs the token printed at start, and refuses anything that came through a proxy. Owns the page.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ProductError } from '#shared/errors.ts'
import { isLoopbackAddress } from '../http/transport-guard.ts'
import { escapeHtml } from './messages.ts'

const shown = 50

/** Registers the page and returns the token it needs, new at every start. */
export function registerOutboxPage(app: FastifyInstance, folder: string): string {
  const token = randomBytes(24).toString('base64url')
  app.get('/outbox', { schema: { hide: true } }, async (request, reply) => {
    if (!isAllowed(request, token)) throw new ProductError('not-found')
    const nonce = randomBytes(16).toString('base64')
    await reply
      .header('content-type', 'text/html; charset=utf-8')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      )
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .send(render(await readMessages(folder), nonce))
  })
  return token
}

function isAllowed(request: FastifyRequest, token: string): boolean {
  const forwarded = Object.keys(request.headers).some(
    (name) => name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded'),
  )
  if (forwarded || !isLoopbackAddress(request.socket.remoteAddress ?? '')) return false
  const given = Buffer.from(String((request.query as Record<string, unknown>).token ?? ''))
  return given.length === token.length && timingSafeEqual(given, Buffer.from(token))
}

interface ShownMessage {
  readonly to: string
  readonly subject: string
  readonly date: string
  readonly text: string
}

async function readMessages(folder: string): Promise<ShownMessage[]> {
  const names = (await readdir(folder))
    .filter((name) => name.endsWith('.eml'))
    .sort()
    .reverse()
    .slice(0, shown)
  return Promise.all(names.map(async (name) => parseOwnMessage(await readFile(path.join(folder, name), 'utf8'))))
}

/** Reads what `fileTransport` writes (quoted-printable plain part first); no general mail parser. */
export function parseOwnMessage(source: string): ShownMessage {
  const [head = '', ...rest] = source.split('\n\n')
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\\n[ \\t].*)*)`, 'im').exec(head)?.[1]?.replace(/\n\s+/g, ' ') ?? ''
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? '\0'
  const part = rest.join('\n\n').split(`--${boundary}`)[1] ?? ''
  const encoded = part.slice(part.indexOf('\n\n') + 2)
  const bytes = encoded
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return {
    to: header('To'),
    subject: header('Subject'),
    date: header('Date'),
    text: Buffer.from(bytes, 'latin1').toString('utf8').trim(),
  }
}

// The page stands alone: it must show mail even when the portal's own page cannot be built.
const style = `
:root { color-scheme: light dark; --text: #15181c; --quiet: #646c76; --line: #e3e6ea; --canvas: #f4f5f7; --surface: #fff; --accent: #2856c8 }
@media (prefers-color-scheme: dark) {
  :root { --text: #edeff2; --quiet: #8c949e; --line: #272c33; --canvas: #0f1114; --surface: #1b1f24; --accent: #8daeff }
}
body { margin: 0; background: var(--canvas); color: var(--text); font: 14px/20px system-ui, sans-serif }
main { max-width: 720px; margin: 0 auto; padding: 32px 16px }
h1 { margin: 0; font-size: 26px; line-height: 32px }
h2 { margin: 0; font-size: 15px; line-height: 22px }
p { margin: 4px 0 0; color: var(--quiet) }
article { margin-top: 20px; padding: 16px 20px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface) }
pre { margin: 16px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
a { color: var(--accent) }`

function render(messages: readonly ShownMessage[], nonce: string): string {
  const body =
    messages.length === 0
      ? '<article><h2>No messages yet</h2><p>Reload this page after you asked for one.</p></article>'
      : messages.map(renderMessage).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail outbox</title>
<style nonce="${nonce}">${style}</style>
</head>
<body><main><h1>Mail outbox</h1><p>No mail server is set, so messages stay on this computer. Newest first.</p>${body}</main></body>
</html>`
}

function renderMessage({ to, subject, date, text }: ShownMessage): string {
  const linked = escapeHtml(text).replace(
    /https?:\/\/[^\s<]+/g,
    (url) => `<a href="${url}" rel="noreferrer">${url}</a>`,
  )
  return `<article><h2>${escapeHtml(subject)}</h2><p>To ${escapeHtml(to)}, ${escapeHtml(date)}</p><pre>${linked}</pre></article>`
}
