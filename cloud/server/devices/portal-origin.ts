// Is the portal that a device signed for this one? SECURITY: a signature made for another portal is worth nothing here.
import { isLoopbackUrl } from '../config.ts'

/** Exact origin; on this computer every loopback name with the same port is the same portal. */
export function isThisPortal(publicUrl: string, claimed: string): boolean {
  if (!URL.canParse(claimed)) return false
  const [ours, theirs] = [new URL(publicUrl), new URL(claimed)]
  if (theirs.origin === ours.origin) return theirs.origin === claimed
  return (
    theirs.origin === claimed &&
    isLoopbackUrl(publicUrl) &&
    isLoopbackUrl(claimed) &&
    ours.port === theirs.port &&
    ours.protocol === theirs.protocol
  )
}
