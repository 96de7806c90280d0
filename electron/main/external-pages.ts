// The only addresses that are ever handed to the system's browser: a constant map from key to a page of the portal.
// A window sends the key, never an address.
import { ProductError } from '#shared/errors.ts'
import type { ExternalPage } from '#shared/ipc/app-contract.ts'

export interface PortalContext {
  readonly portalUrl: string
  /** The id of this computer on the portal, where it has one. */
  readonly deviceId: string | null
}

const pages: Readonly<Record<ExternalPage, (context: PortalContext) => string>> = {
  portal: () => '/',
  'portal-device': ({ deviceId }) => (deviceId === null ? '/' : `/devices/${encodeURIComponent(deviceId)}`),
  'portal-reset': () => '/forgot-password',
}

/** SECURITY: the address of a known page of the portal, over http or https only. */
export function externalAddress(page: ExternalPage, context: PortalContext): string {
  if (!Object.hasOwn(pages, page)) throw new ProductError('bad-request')
  const base = portalOrigin(context.portalUrl)
  const address = new URL(pages[page](context), base)
  if (address.origin !== base.origin) throw new ProductError('bad-request')
  return address.href
}

function portalOrigin(portalUrl: string): URL {
  if (!URL.canParse(portalUrl)) throw new ProductError('portal-unreachable')
  const base = new URL(portalUrl)
  if (base.protocol !== 'https:' && base.protocol !== 'http:') throw new ProductError('portal-unreachable')
  return new URL(base.origin)
}
