// Serves the windows' own files under app://bundle with a content security policy. Owns path containment and the policy.
// Never serves anything outside of the folder it was given, and never anything but GET.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

export const appScheme = 'app'
export const appHost = 'bundle'
/** The one origin whose messages main accepts. */
export const appOrigin = `${appScheme}://${appHost}`

const noncePlaceholder = '__CSP_NONCE__'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** The part of a request that is used; Electron's `protocol.handle` gives a whole one. */
export interface AppRequest {
  readonly url: string
  readonly method: string
}

/** Answers requests for app://bundle/… from `folder`. */
export function appProtocolHandler(folder: string): (request: AppRequest) => Promise<Response> {
  return async (request) => {
    const file = request.method === 'GET' ? containedFile(folder, request.url) : null
    const type = file === null ? undefined : mediaTypes[path.extname(file).toLowerCase()]
    if (file === null || type === undefined) return refusal(404)
    try {
      return fileResponse(await readFile(file), type)
    } catch {
      return refusal(404)
    }
  }
}

/**
 * The file a URL names inside `folder`, or null when it names anything else. `system` is the path flavour of the platform.
 * SECURITY: decode once, join (never resolve), then the way from the folder to the file must stay inside of it.
 */
export function containedFile(folder: string, url: string, system: path.PlatformPath = path): string | null {
  const pathname = bundlePath(url)
  if (pathname === null || pathname.includes('\0') || pathname.includes('\\')) return null
  // A colon is a drive or an alternate data stream on Windows, and in no file of ours.
  if (pathname.includes(':')) return null
  const file = system.join(folder, pathname)
  const inside = system.relative(folder, file)
  if (inside === '' || inside.split(system.sep)[0] === '..' || system.isAbsolute(inside)) return null
  return file
}

/** The decoded path of a URL of our own origin. */
function bundlePath(url: string): string | null {
  try {
    const parsed = new URL(url)
    if (parsed.protocol !== `${appScheme}:` || parsed.host !== appHost) return null
    return decodeURIComponent(parsed.pathname)
  } catch {
    return null
  }
}

function fileResponse(content: Buffer, type: string): Response {
  const nonce = randomBytes(16).toString('base64')
  const isPage = type.startsWith('text/html')
  const body = isPage ? content.toString('utf8').replaceAll(noncePlaceholder, nonce) : new Uint8Array(content)
  return new Response(body, { headers: { 'content-type': type, ...securityHeaders(nonce) } })
}

function refusal(status: number): Response {
  return new Response('', { status, headers: securityHeaders(randomBytes(16).toString('base64')) })
}

function securityHeaders(nonce: string): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(nonce),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

/** SECURITY: nothing from anywhere but the bundle; no inline script, no eval, no connection, no frame. */
export function contentSecurityPolicy(nonce: string): string {
  const directives: Readonly<Record<string, string>> = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': `'self' 'nonce-${nonce}'`,
    'font-src': "'self'",
    'img-src': "'self'",
    'connect-src': "'none'",
    'frame-src': "'none'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'default',
  }
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
