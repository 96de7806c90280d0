// The portal's address as it was configured, and whether it may be talked to.
import { ProductError } from '#shared/errors.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** The origin. SECURITY: plain http is only for this computer itself; throws `forbidden` else, `bad-request` for no address. */
export function portalOrigin(portalUrl: string): string {
  if (!URL.canParse(portalUrl)) throw new ProductError('bad-request', 'portal address')
  const url = new URL(portalUrl)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.test(url.hostname))) {
    throw new ProductError('forbidden', 'insecure portal address')
  }
  return url.origin
}
