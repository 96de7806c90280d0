// Who is asked about what runs, and who never is.
import { expect, it } from 'vitest'
import type { Origin } from '#shared/domain/treatment.ts'
import type { FoundObject, LedgerEntry } from '../detections/ledger.ts'
import { infected } from '../testing/fake-machine.ts'
import { quietLog } from '../testing/memory-ports.ts'
import { createLocalAlerts } from './local-alerts.ts'

const running = { pid: 7, startTime: '1', name: 'a', user: 'anna', path: { text: '/a' }, runs: true, willEnd: true }

function alerts(plan: object = { processes: [running], autostart: [], files: [] }) {
  const done: string[] = []
  const local = createLocalAlerts({
    engine: {
      call: async (name: string, input: { readonly objects: readonly unknown[] }) => {
        done.push(name)
        if (name === 'treat.plan') return plan
        return { active: input.objects.map((_, index) => index) }
      },
    } as never,
    objects: { ask: (ids: readonly string[]) => done.push(`objects ${ids.length}`) } as never,
    infection: { found: (objects: readonly unknown[]) => done.push(`infection ${objects.length}`) } as never,
    excluded: () => ['Known.Tool'],
    log: quietLog,
  })
  const run = async (origin: Origin, found: readonly FoundObject[]) => {
    const active = await local.activeAmong({ origin }, found)
    const entries = found.map(
      ({ state }, index) => ({ detection: { id: String(index), state }, intent: null }) as unknown as LedgerEntry,
    )
    local.recorded({ origin }, found, entries, active)
    return [...active.keys()]
  }
  return { run, done }
}

const treated = (): FoundObject => ({ object: infected('/a'), state: 'found', act: 'disinfect' })
const asked = (threat = 'Eicar-Test'): FoundObject => ({
  object: infected('/b', { threat }),
  state: 'found',
  act: null,
})

it.each([
  { kind: 'remote', commandId: crypto.randomUUID(), account: 'anna@x.example' },
  { kind: 'schedule' },
  { kind: 'real-time' },
  { kind: 'restart' },
] as const)('$kind asks nobody and looks for nothing', async (origin) => {
  const { run, done } = alerts()
  expect(await run(origin, [treated(), asked()])).toEqual([])
  expect(done).toEqual([])
})

it('a local scan asks about what runs, whatever the settings are, and about the rest where it asks', async () => {
  const { run, done } = alerts()
  const found = [treated(), asked()]
  expect(await run({ kind: 'local' }, found)).toEqual(found)
  expect(done).toEqual(['treat.active', 'treat.plan', 'treat.plan', 'infection 2'])
})

it('what nothing runs, or what only uses it, is no infection', async () => {
  const held = { processes: [{ ...running, runs: false }], autostart: [], files: [] }
  const { run, done } = alerts(held)
  expect(await run({ kind: 'local' }, [treated(), asked()])).toEqual([])
  expect(done).toEqual(['treat.active', 'treat.plan', 'treat.plan', 'infection 0', 'objects 1'])
})

it('names that are excluded and objects that are kept are none either', async () => {
  const { run, done } = alerts()
  const kept: FoundObject = { ...asked(), state: 'kept' }
  expect(await run({ kind: 'local' }, [asked('Known.Tool'), kept])).toEqual([])
  expect(done).toEqual(['infection 0', 'objects 1'])
})
