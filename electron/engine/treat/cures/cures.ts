// The table of all cures, and the way from an object to its cured content.
// Owns what holds for every class: what cannot be cured at all, and that only the very content that was scanned is. Never writes.
import { createHash } from 'node:crypto'
import { ProductError } from '#shared/errors.ts'
import { readWhole } from '../../files/content.ts'
import type { Target } from '../target.ts'
import { withoutEchoes } from '../whole.ts'
import type { Cure, CuredContent, CureInput } from './cure.ts'
import { mailCure } from './mail-cure.ts'
import { oleCure } from './ole-cure.ts'
import { recipeCure } from './recipe-cure.ts'
import { zipCure } from './zip-cure.ts'

const cures: readonly Cure[] = [recipeCure, zipCure, oleCure, mailCure]

/** Larger objects are not rewritten in memory; they could not be kept in Quarantine either. */
const maxBytes = 256n * 1024n * 1024n

/** What cures need besides the object. */
export type CureTools = Pick<CureInput, 'now' | 'recipes'>

/** Undefined when the bad parts cannot be taken out. Throws ProductError `object-changed` or errno errors. */
export async function makeCure(target: Target, tools: CureTools): Promise<CuredContent | undefined> {
  const scanned = target.order.object
  const object = { ...scanned, findings: withoutEchoes(scanned.findings) }
  const able = cures.filter((cure) => cure.applies(object))
  if (able.length === 0 || !object.findingsComplete) return undefined
  if (target.stat.size > maxBytes) return undefined
  // Renaming a cured file over one name would leave the infected file under its other names.
  if (target.stat.nlink > 1n) return undefined
  const bytes = await readWhole(target.fd, Number(maxBytes))
  if (createHash('sha256').update(bytes).digest('hex') !== object.identity.sha256)
    throw new ProductError('object-changed')
  for (const cure of able) {
    const result = cure.cure({ bytes, object, ...tools })
    if (result.kind === 'cured') return result
  }
  return undefined
}
