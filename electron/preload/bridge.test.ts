import { describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import type { Peer } from '#shared/rpc/peer.ts'
import { createBridge } from './bridge.ts'

function bridged(answer: () => Promise<unknown>) {
  const calls: unknown[] = []
  const listeners = new Set<(name: string, payload: unknown) => void>()
  const peer: Pick<Peer, 'call' | 'onEvent'> = {
    call: (name, input, options) => {
      calls.push([name, input, options.deadlineMs])
      return answer()
    },
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const bridge = createBridge(peer, ['state.snapshot'], ['state.changed'])
  const publish = (name: string, payload: unknown) => {
    for (const listener of listeners) listener(name, payload)
  }
  return { bridge, calls, publish }
}

describe('the bridge', () => {
  it('has two functions and nothing else', () => {
    expect(Object.keys(bridged(async () => 1).bridge).sort()).toEqual(['call', 'on'])
  })

  it('answers with values, and keeps the code of a failure', async () => {
    expect(await bridged(async () => 1).bridge.call('state.snapshot', {})).toEqual({ ok: true, value: 1 })
    const failing = bridged(() => Promise.reject(new ProductError('slow-down', '4000')))
    expect(await failing.bridge.call('state.snapshot', {})).toEqual({
      ok: false,
      error: { code: 'slow-down', detail: '4000' },
    })
    const broken = bridged(() => Promise.reject(new Error('a path of the house')))
    expect(await broken.bridge.call('state.snapshot', {})).toEqual({ ok: false, error: { code: 'internal' } })
  })

  it('lets no other name through', async () => {
    const { bridge, calls } = bridged(async () => 1)
    for (const name of ['engine.kill', '__proto__', 'toString', '', 'STATE.SNAPSHOT']) {
      expect(await bridge.call(name, {})).toEqual({ ok: false, error: { code: 'unknown-call' } })
      expect(() => bridge.on(name, () => undefined)).toThrow('unknown event')
    }
    expect(calls).toEqual([])
  })

  it('passes on the payload of its events, until it is stopped', () => {
    const { bridge, publish } = bridged(async () => 1)
    const seen: unknown[][] = []
    const stop = bridge.on('state.changed', (...values) => seen.push(values))
    publish('state.changed', { a: 1 })
    publish('other', { b: 1 })
    stop()
    publish('state.changed', { c: 1 })
    expect(seen).toEqual([[{ a: 1 }]])
  })

  it('bounds every deadline', async () => {
    const { bridge, calls } = bridged(async () => 1)
    await bridge.call('state.snapshot', {}, -5)
    await bridge.call('state.snapshot', {}, Number.NaN)
    await bridge.call('state.snapshot', {}, 2000)
    expect(calls.map((entry) => (entry as unknown[])[2])).toEqual([1, 86_400_000, 2000])
  })
})
