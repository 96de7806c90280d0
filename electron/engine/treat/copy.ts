// The copy of an object in Quarantine, made before anything is done to it: its content and everything else it has.
// Never acts on the object.
import { createHash } from 'node:crypto'
import type { QuarantineId } from '#shared/domain/ids.ts'
import { engineVersion } from '../databases/engine-version.ts'
import { keptFacts } from '../quarantine/attributes.ts'
import type { TreatContext } from './context.ts'
import type { Plan } from './plan.ts'
import type { Target } from './target.ts'

/** Throws what the vault's `put` throws. */
export function storeCopy(context: TreatContext, target: Target, id: QuarantineId, plan: Plan | null): Promise<void> {
  const { order, stat, fd } = target
  const { findings, path, identity } = order.object
  return context.vault.put({
    id,
    detectionId: order.detectionId,
    source: fd,
    isLargeAllowed: order.largeCopy === true && order.origin.kind === 'local',
    metadata: {
      version: 1,
      path,
      identity,
      ...keptFacts(fd, stat),
      threats: [...new Set(findings.map(({ threat }) => threat))].slice(0, 20),
      detectors: [...new Set(findings.map(({ detector }) => detector))],
      databaseVersion: order.databaseVersion,
      engineVersion,
      verb: order.verb,
      origin: order.origin,
      bootToken: context.ports.bootToken().slice(0, 256),
      // What will be at the place: an undo takes exactly that away again.
      ...(plan?.kind === 'cure' ? { replacedBy: createHash('sha256').update(plan.cure.bytes).digest('hex') } : {}),
    },
  })
}
