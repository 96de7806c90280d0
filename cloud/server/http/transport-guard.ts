// SECURITY: who may speak to the portal at all. Plain http only from this computer or through a trusted proxy, only under
// the portal's own names, and a browser only from the portal's own pages. Owns these rules for http and for web sockets.
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import { isLoopbackHost, isLoopbackUrl } from '../config.ts'

export interface TransportRules {
  publicUrl(): string
  readonly trustedProxies: readonly string[]
}

/** What is known of a request before anything is believed. */
export interface RawRequest {
  readonly remoteAddress: string | undefined
  readonly headers: IncomingMessage['headers']
}

export type TransportGuard = (request: RawRequest) => boolean

/** Builds the question "may this request be answered". */
export function createTransportGuard(rules: TransportRules): TransportGuard {
  const isTrusted = addressMatcher(rules.trustedProxies)
  return ({ remoteAddress = '', headers }) => {
    const publicUrl = rules.publicUrl()
    const viaProxy = isTrusted(remoteAddress)
    const scheme = viaProxy ? (first(headers['x-forwarded-proto']) ?? 'https') : 'http'
    const host = (viaProxy ? first(headers['x-forwarded-host']) : undefined) ?? headers.host ?? ''
    if (!isOurHost(publicUrl, host)) return false
    if (!isOurPage(publicUrl, headers.origin, host)) return false
    if (viaProxy) return scheme === 'https' || isLoopbackUrl(publicUrl)
    return isLoopbackAddress(remoteAddress) && isLoopbackUrl(publicUrl)
  }
}

/** A loopback portal goes by every loopback name; that also stops names of others that lead here (DNS rebinding). */
function isOurHost(publicUrl: string, host: string): boolean {
  const ours = new URL(publicUrl)
  if (host === ours.host) return true
  if (!isLoopbackUrl(publicUrl) || !URL.canParse(`http://${host}`)) return false
  return isLoopbackHost(new URL(`http://${host}`).hostname)
}

/** Apps send no Origin; pages always do when they change something or open a web socket. */
function isOurPage(publicUrl: string, origin: string | undefined, host: string): boolean {
  if (origin === undefined || origin === publicUrl) return true
  return isLoopbackUrl(publicUrl) && origin === `http://${host}`
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

/** Matches addresses and networks (`10.0.0.0/8`). */
function addressMatcher(entries: readonly string[]): (address: string) => boolean {
  const list = new net.BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = net.isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    const plain = address.replace(/^::ffff:/, '')
    return net.isIP(plain) !== 0 && list.check(plain, net.isIPv6(plain) ? 'ipv6' : 'ipv4')
  }
}

function first(header: string | string[] | undefined): string | undefined {
  const value = Array.isArray(header) ? header[0] : header
  return value?.split(',')[0]?.trim().toLowerCase()
}
