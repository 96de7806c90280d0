// The answering side of the transport suite, over any channel; also runs in a forked process.
// Used by tests only.
import { ProductError } from '../../errors.ts'
import type { Channel } from '../channel.ts'
import type { Handlers } from '../contract.ts'
import { createPeer } from '../peer.ts'
import { answerContract, emitterFor } from '../serve.ts'
import { type SuiteContract, suiteContract, suiteMaxConcurrent } from './suite-contract.ts'

/** Serves the suite's contract. `die` ends this side without a word. */
export function serveSuite(channel: Channel, die: () => void): void {
  const state = { echoed: 0, aborted: 0, faults: [] as string[] }
  const handlers: Handlers<SuiteContract> = {
    'echo.text': ({ text }) => {
      state.echoed += 1
      return { text }
    },
    'echo.strip': () => ({ kept: 'yes', secret: 'no' }),
    'echo.badOutput': () => ({ count: 'many' }) as never,
    'echo.unexpected': () => ({ a: 1 }),
    'echo.nothing': () => undefined,
    'wait.forMs': async ({ ms }) => {
      await new Promise<void>((resolve) => setTimeout(() => resolve(), ms))
      return { waited: true }
    },
    'wait.forAbort': (_input, _context, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          state.aborted += 1
          reject(new ProductError('aborted'))
        })
      }),
    'fail.expected': () => {
      throw new ProductError('disk-full', '12 bytes')
    },
    'fail.bug': () => {
      throw new Error('secret of the house')
    },
    'fail.unsendable': () => {
      const cycle: Record<string, unknown> = { run: () => 1, big: 1n }
      cycle.self = cycle
      return cycle
    },
    'event.provoke': () => {
      emit('thing.happened', { count: 1 })
      channel.send({ t: 'event', name: 'thing.happened', payload: { count: 'x', extra: 1 } })
      channel.send({ t: 'event', name: 'thing.unknown', payload: 1 })
      emit('thing.happened', { count: 2 })
      return {}
    },
    'malformed.provoke': () => {
      for (const message of malformed) channel.send(message as never)
      return {}
    },
    'control.state': () => structuredClone(state),
    'control.die': () => {
      setTimeout(die, 20)
      return new Promise(() => undefined)
    },
  }
  const peer = createPeer(channel, {
    answer: answerContract(suiteContract, handlers, undefined),
    maxConcurrent: suiteMaxConcurrent,
    onFault: (fault) => {
      state.faults.push(`${fault.kind} ${fault.name}`)
    },
  })
  const emit = emitterFor(suiteContract, peer)
}

/** Messages that fit no schema of the contract layer. */
export const malformed: readonly unknown[] = [
  null,
  'hello',
  42,
  [],
  {},
  { t: 'call' },
  { t: 'call', id: -1, name: 'echo.text', input: {} },
  { t: 'call', id: 0.5, name: 'echo.text', input: {} },
  { t: 'call', id: 7, name: 'x'.repeat(1000), input: {} },
  { t: 'ok', id: 'one', value: 1 },
  { t: 'error', id: 1 },
  { t: 'event', name: 9 },
  { t: 'other', id: 1 },
  { t: 'ok', id: 1, value: 1, extra: true },
]
