// Quarantine of the fake machine: the calls of the engine contract over a list of copies in memory. Used by tests only.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { GivenEntries, QuarantineItem } from '#shared/domain/treatment.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { CallOutput, CallRequest, Handlers } from '#shared/rpc/contract.ts'

type Calls = Extract<keyof Handlers<EngineContract>, `quarantine.${string}`>
type Restored = CallOutput<EngineContract, 'quarantine.restore'>

export interface FakeCopies {
  /** Oldest first. */
  readonly quarantine: QuarantineItem[]
  readonly restores: CallRequest<EngineContract, 'quarantine.restore'>[]
  /** What a rescan answers, one after the other; then that nothing is left. */
  readonly rescans: CallOutput<EngineContract, 'quarantine.rescan'>[]
  /** Copies that are still detected: restored only when that is asked for. */
  readonly stillDetected: Set<string>
  /** What comes back with a copy's object. */
  readonly entries: Map<string, GivenEntries>
}

export function fakeCopies(): FakeCopies {
  return { quarantine: [], restores: [], rescans: [], stillDetected: new Set(), entries: new Map() }
}

/** `putBack`: the file is at its place again. */
export function quarantineHandlers(
  copies: FakeCopies,
  putBack: (item: QuarantineItem) => void,
): Pick<Handlers<EngineContract>, Calls> {
  const { quarantine } = copies
  const get = (id: QuarantineId): QuarantineItem => {
    const item = quarantine.find((one) => one.id === id)
    if (item === undefined) throw new ProductError('not-found')
    return item
  }
  const replace = (item: QuarantineItem) => quarantine.splice(quarantine.indexOf(get(item.id)), 1, item)
  return {
    'quarantine.list': ({ offset, limit, search, only }) => {
      const found = quarantine
        .filter((item) => item.originalPath.text.includes(search))
        .filter((item) => only === 'all' || isOpen(item))
        .reverse()
      return { total: found.length, items: found.slice(offset, offset + limit), summary: summaryOf(quarantine) }
    },
    'quarantine.get': ({ id }) => ({ item: get(id) }),
    'quarantine.missing': ({ ids }) => ({
      ids: ids.filter((id) => !quarantine.some((item) => item.id === id)),
      conditions: quarantine.flatMap(({ id, condition }) => (condition && ids.includes(id) ? [{ id, condition }] : [])),
    }),
    'quarantine.restore': (order): Restored => {
      const item = get(order.id)
      if (copies.stillDetected.has(item.id) && !order.evenIfDetected) throw new ProductError('still-detected')
      copies.restores.push(order)
      putBack(item)
      const path = order.target ?? item.originalPath
      const entries = copies.entries.get(item.id)
      const given = entries === undefined ? {} : { entries }
      return { path, sha256: 'a'.repeat(64), detectionId: item.detectionId, notKept: [], ...given }
    },
    'quarantine.delete': ({ ids }) => {
      const asked = quarantine.filter((item) => ids.includes(item.id))
      const held = asked.filter(({ condition }) => condition === 'at-restart')
      const kept = quarantine.filter((item) => !asked.includes(item) || held.includes(item))
      quarantine.splice(0, quarantine.length, ...kept)
      return { deleted: asked.length - held.length, held: held.length }
    },
    'quarantine.keep': ({ ids }) => {
      const marked = quarantine.filter(({ id, falseAlarm }) => falseAlarm !== undefined && ids.includes(id))
      for (const item of marked)
        if (item.falseAlarm) replace({ ...item, falseAlarm: { ...item.falseAlarm, answered: true } })
      return { kept: marked.length }
    },
    'quarantine.rescan': () => {
      const answer = copies.rescans.shift() ?? { looked: 0, left: 0, cleared: [] }
      for (const item of answer.cleared) replace(item)
      return answer
    },
  }
}

function isOpen({ falseAlarm }: QuarantineItem): boolean {
  return falseAlarm !== undefined && !falseAlarm.answered
}

function summaryOf(items: readonly QuarantineItem[]) {
  const sizeBytes = items.reduce((sum, item) => sum + item.sizeBytes, 0)
  const falseAlarms = items.filter(isOpen).length
  return { count: items.length, sizeBytes, storeBytes: sizeBytes + items.length * 500, limitBytes: 10_000, falseAlarms }
}
