// Serves the built web page: assets as they are, and the one HTML file for every address a person can open, with a fresh
// nonce and a strict content security policy each time. Owns these headers; never serves anything outside its folder.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProductError } from '#shared/errors.ts'

const noncePlaceholder = '__CSP_NONCE__'

export interface WebPageOptions {
  /** Folder of the built page. */
  readonly root: string
  publicUrl(): string
}

export async function registerWebPage(app: FastifyInstance, { root, publicUrl }: WebPageOptions): Promise<void> {
  if (existsSync(root)) {
    await app.register(fastifyStatic, {
      root,
      index: false,
      wildcard: true,
      setHeaders: cacheForEver,
      allowedPath: isAsset,
    })
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (!isPageRequest(request)) throw new ProductError('not-found')
    await sendPage(reply, path.join(root, 'index.html'), publicUrl())
  })
}

/** Everything the page may do; the nonce is for the styles its components add. */
export function pagePolicy(nonce: string, publicUrl: string): string {
  const socketUrl = publicUrl.replace(/^http/, 'ws')
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${socketUrl}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}

async function sendPage(reply: FastifyReply, file: string, publicUrl: string): Promise<void> {
  const html = await readFile(file, 'utf8').catch(() => undefined)
  if (html === undefined) throw new ProductError('not-available', 'the web page is not built')
  const nonce = randomBytes(16).toString('base64')
  await reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', pagePolicy(nonce, publicUrl))
    .send(html.replaceAll(noncePlaceholder, nonce))
}

function isPageRequest(request: FastifyRequest): boolean {
  const pathname = request.url.split('?', 1)[0] ?? ''
  if (request.method !== 'GET' || pathname.startsWith('/api/') || pathname.startsWith('/socket.io')) return false
  if (/\.\.|%2f|%5c/i.test(pathname)) return false
  return pathname.endsWith('/index.html') || !path.posix.basename(pathname).includes('.')
}

/** The HTML file is only served with its nonce; folders, dot files and source maps of the build are nobody's business. */
function isAsset(pathname: string): boolean {
  const name = path.posix.basename(pathname)
  if (!name.includes('.') || pathname.split('/').some((part) => part.startsWith('.'))) return false
  return !name.endsWith('.html') && !name.endsWith('.map')
}

/** Bundled assets carry a hash of their content in the name. */
function cacheForEver(reply: FastifyReply, file: string): void {
  reply.header(
    'cache-control',
    file.includes(`${path.sep}assets${path.sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
}
