// Asks all heuristics about a content, and the parts that samples are put together from so that no test is one itself.
// Used by tests only.
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { ThreatVerdict } from '#shared/domain/verdict.ts'
import { identify } from '../../../identify/identify.ts'
import { suspicionsOf } from '../heuristics.ts'

/** Of a sample: what is found in it (nothing for an ordinary content), and what it is called. */
export interface Asked {
  readonly name?: string
  readonly path?: string
  readonly depth?: number
}

/** Joins the halves of words that would make a sample of the test. */
export const j = (...parts: string[]): string => parts.join('')
export const php = j('<?', 'php ')
export const [evaluate, execute, post, get] = [j('ev', 'al'), j('ex', 'ec'), j('$_PO', 'ST'), j('$_G', 'ET')]
export const [sh, device] = [j('/bin', '/sh'), j('/dev', '/tcp/192.0.2.1/4444')]
const noise = Array.from({ length: 40 }, (_, index) => createHash('sha512').update(`${index}`).digest('base64')).join(
  '',
)
/** Base64 of nothing. */
export const blob = noise.replaceAll('=', '')
export const bigBlob = blob.repeat(3)
export const hexes = createHash('sha512').update('x').digest('hex').repeat(8)

/** Names of the suspicions, without what all of them begin with. */
export function ask(content: string | Buffer, asked: Asked = {}): string[] {
  const { name = 'file', path = '/home/x/file', depth = 0 } = asked
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  const sha256 = createHash('sha256').update(bytes).digest()
  const found = suspicionsOf({ bytes, sha256, format: identify(bytes), name, path, depth })
  for (const { verdict, rule, detector } of found) {
    expect(ThreatVerdict.exclude(['infected']).safeParse(verdict).success).toBe(true)
    expect(detector).toBe('heuristic')
    expect(rule?.description).toMatch(/\.$/)
  }
  return found.map(({ threat }) => threat.replace('Heuristic.', ''))
}
