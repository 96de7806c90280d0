// What the portal is told of this computer as facts. SECURITY: an account never learns the address of another one that this
// computer was connected to before. Pure.
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { CommandEntry } from '../commands/command-book.ts'

/** Who is told. */
export interface Audience {
  readonly deviceId: string
  readonly email: string
}

const stranger = 'another account'

export function originFor(origin: Origin, email: string): Origin {
  return origin.kind === 'remote' && origin.account !== email ? { ...origin, account: stranger } : origin
}

export function detectionFact(detection: Detection, { email }: Pick<Audience, 'email'>): OutboxBody {
  const history = detection.history.map((step) => ({ ...step, by: originFor(step.by, email) }))
  return { kind: 'detection', detection: { ...detection, foundBy: originFor(detection.foundBy, email), history } }
}

/** Everything: what is in the ledger, and how far the commands of this account came. */
export function allFacts(
  detections: Iterable<Detection>,
  commands: readonly CommandEntry[],
  audience: Audience | null,
): OutboxBody[] {
  if (!audience) return []
  const found = [...detections].map((detection) => detectionFact(detection, audience))
  const told = commands.flatMap(({ envelope, ended, attempts }): OutboxBody[] => {
    if (envelope.deviceId !== audience.deviceId) return []
    if (ended) return [{ kind: 'command', commandId: envelope.id, status: ended.status, result: ended.result }]
    return attempts > 0 ? [{ kind: 'command', commandId: envelope.id, status: 'running', result: null }] : []
  })
  return [...found, ...told]
}
