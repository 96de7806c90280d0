// One suite for every transport: what the contract layer promises must hold over each of them, in its real form.
// Used by tests only.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProductError } from '../../errors.ts'
import type { Channel } from '../channel.ts'
import { clientFor } from '../client.ts'
import type { ContractClient } from '../contract.ts'
import { createPeer, type Peer } from '../peer.ts'
import { type SuiteContract, suiteContract, suiteMaxConcurrent } from './suite-contract.ts'
import { malformed } from './suite-server.ts'

/** A connected line: this side's channel, the other side runs `serveSuite`. */
export interface SuitePair {
  readonly channel: Channel
  /** Tears down both sides and whatever carried them. */
  readonly dispose: () => Promise<void> | void
  /** False where a transport carries only JSON: values that are no JSON then change instead of being refused. */
  readonly structuredClones?: boolean
}

const code = (expected: string) => expect.objectContaining({ name: 'ProductError', code: expected })

/** The line of the running test. */
interface Line {
  readonly pair: SuitePair
  readonly peer: Peer
  readonly client: ContractClient<SuiteContract>
  readonly faults: string[]
  /** A call that the client side does not check. */
  raw(name: string, input: unknown, deadlineMs?: number): Promise<unknown>
}

/** Runs the suite over one transport. */
export function contractSuite(name: string, makePair: () => Promise<SuitePair>): void {
  describe(`contract layer over ${name}`, () => {
    let current: Line
    // The cases are written once, against whichever line the running test got.
    const line: Line = {
      get pair() {
        return current.pair
      },
      get peer() {
        return current.peer
      },
      get client() {
        return current.client
      },
      get faults() {
        return current.faults
      },
      raw: (callName, input, deadlineMs) => current.raw(callName, input, deadlineMs),
    }
    beforeEach(async () => {
      current = openLine(await makePair())
    })
    afterEach(async () => {
      current.peer.close()
      await current.pair.dispose()
    })
    for (const cases of [carryCases, refusalCases, endingCases, messageCases, failureCases]) cases(line)
  })
}

function openLine(pair: SuitePair): Line {
  const faults: string[] = []
  const peer = createPeer(pair.channel, { onFault: (fault) => faults.push(`${fault.kind} ${fault.name}`) })
  const client = clientFor(suiteContract, peer, { onFault: (event) => faults.push(`event ${event}`) })
  return { pair, peer, client, faults, raw: (name, input, deadlineMs = 3000) => peer.call(name, input, { deadlineMs }) }
}

function carryCases(line: Line): void {
  it('carries a typed call and its answer', async () => {
    await expect(line.client.call('echo.text', { text: 'hé\u0000\n✓' })).resolves.toEqual({ text: 'hé\u0000\n✓' })
  })

  it('answers calls that overlap each to its own caller', async () => {
    const texts = Array.from({ length: suiteMaxConcurrent }, (_value, index) => `t${index}`)
    const answers = await Promise.all(texts.map((text) => line.client.call('echo.text', { text })))
    expect(answers.map((answer) => answer.text)).toEqual(texts)
  })

  it('strips from an answer what the contract does not name', async () => {
    await expect(line.raw('echo.strip', {})).resolves.toEqual({ kept: 'yes' })
  })

  it('carries an answer that is undefined', async () => {
    await expect(line.client.call('echo.nothing', {})).resolves.toBeUndefined()
  })
}

function refusalCases(line: Line): void {
  it('refuses wrong input before the handler sees it, naming fields and never values', async () => {
    for (const input of [{ text: 5 }, { text: 'x'.repeat(21) }, { text: 'a', secret: 'hunter2' }, null, 'x']) {
      await expect(line.raw('echo.text', input)).rejects.toEqual(code('bad-request'))
    }
    const error = await line.raw('echo.text', { text: 'x'.repeat(21) }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProductError)
    expect((error as ProductError).detail).toBe('text too_big')
    expect((await line.client.call('control.state', {})).echoed).toBe(0)
  })

  it('refuses an answer that the asking side cannot accept', async () => {
    const other = clientFor(
      {
        ...suiteContract,
        calls: { ...suiteContract.calls, 'echo.unexpected': suiteContract.calls['echo.badOutput'] },
      },
      line.peer,
    )
    await expect(other.call('echo.unexpected', {})).rejects.toEqual(code('bad-response'))
  })

  it('refuses unknown calls, also the names every object has', async () => {
    for (const unknown of ['nothing.here', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
      await expect(line.raw(unknown, {})).rejects.toEqual(code('unknown-call'))
      await expect(line.client.call(unknown as 'echo.text', { text: '' })).rejects.toEqual(code('unknown-call'))
      expect(() => line.client.on(unknown as 'thing.happened', () => undefined)).toThrow(ProductError)
    }
  })

  it('refuses more concurrent calls than it carries out', async () => {
    const waiting = Array.from({ length: suiteMaxConcurrent }, () =>
      line.raw('wait.forAbort', {}, 500).catch(() => 'late'),
    )
    await expect(line.raw('echo.text', { text: 'x' })).rejects.toEqual(code('too-many-requests'))
    await Promise.all(waiting)
    await expect.poll(() => line.raw('echo.text', { text: 'x' }).catch(() => null)).toEqual({ text: 'x' })
  })
}

function endingCases(line: Line): void {
  it('gives up at the deadline, tells the other side and ignores the late answer', async () => {
    await expect(line.client.call('wait.forMs', { ms: 400 })).rejects.toEqual(code('deadline-exceeded'))
    await expect(line.raw('wait.forAbort', {}, 50)).rejects.toEqual(code('deadline-exceeded'))
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect((await line.client.call('control.state', {})).aborted).toBe(1)
    expect(line.faults).toEqual([])
  })

  it('aborts a call on both sides', async () => {
    const controller = new AbortController()
    const pending = line.client.call('wait.forAbort', {}, { signal: controller.signal })
    await line.client.call('control.state', {})
    controller.abort()
    await expect(pending).rejects.toEqual(code('aborted'))
    await expect.poll(async () => (await line.client.call('control.state', {})).aborted).toBe(1)
    await expect(line.client.call('echo.text', { text: '' }, { signal: controller.signal })).rejects.toEqual(
      code('aborted'),
    )
  })

  it('fails every pending call with peer-gone at once when the other side dies', async () => {
    const pending = ['wait.forAbort', 'wait.forAbort', 'control.die'].map((callName) => line.raw(callName, {}, 60_000))
    const started = Date.now()
    const results = await Promise.allSettled(pending)
    expect(Date.now() - started).toBeLessThan(2000)
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'peer-gone' } })
    expect(line.peer.closed).toBe(true)
    await expect(line.raw('echo.text', { text: '' })).rejects.toEqual(code('peer-gone'))
    let told = 0
    line.peer.onClose(() => told++)
    expect(told).toBe(1)
    line.peer.emit('thing.happened', {})
  })

  it('fails pending calls with peer-gone when this side closes, once', async () => {
    let told = 0
    line.peer.onClose(() => told++)
    const pending = line.raw('wait.forAbort', {}, 60_000)
    line.peer.close()
    line.peer.close()
    await expect(pending).rejects.toEqual(code('peer-gone'))
    expect(told).toBe(1)
  })
}

function messageCases(line: Line): void {
  it('delivers events that fit, drops and reports the others', async () => {
    const counts: number[] = []
    const stop = line.client.on('thing.happened', ({ count }) => counts.push(count))
    line.client.on('thing.happened', () => {
      throw new Error('a listener that fails')
    })
    await line.client.call('event.provoke', {})
    await expect.poll(() => counts).toEqual([1, 2])
    stop()
    await line.client.call('event.provoke', {})
    await line.client.call('control.state', {})
    expect(counts).toEqual([1, 2])
    expect(line.faults.filter((fault) => fault === 'event thing.happened').length).toBeGreaterThan(0)
    expect(line.faults.filter((fault) => fault === 'bug thing.happened').length).toBe(4)
  })

  it('ignores and reports messages that are none, from either side', async () => {
    for (const message of malformed) line.pair.channel.send(message as never)
    await line.client.call('malformed.provoke', {})
    await expect(line.client.call('echo.text', { text: 'on' })).resolves.toEqual({ text: 'on' })
    const state = await line.client.call('control.state', {})
    expect(state.faults).toEqual(malformed.map(() => 'malformed '))
    expect(line.faults).toEqual(malformed.map(() => 'malformed '))
  })
}

function failureCases(line: Line): void {
  it('turns an answer that breaks the contract into internal, and reports it', async () => {
    await expect(line.raw('echo.badOutput', {})).rejects.toEqual(code('internal'))
    expect((await line.client.call('control.state', {})).faults).toEqual(['bug echo.badOutput'])
  })

  it('settles a call whose failure only a newer peer knows', async () => {
    const own = loopback()
    const pending = createPeer(own.channel).call('any.thing', {}, { deadlineMs: 1000 })
    own.receive({ t: 'error', id: 0, error: { code: 'code-of-tomorrow' } })
    await expect(pending).rejects.toEqual(code('internal'))
  })

  it('keeps code and detail of an expected failure', async () => {
    await expect(line.raw('fail.expected', {})).rejects.toMatchObject({ code: 'disk-full', detail: '12 bytes' })
  })

  it('hides message and stack of a bug', async () => {
    const error = await line.raw('fail.bug', {}).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'internal', detail: undefined, message: 'internal' })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('secret of the house')
    expect((await line.client.call('control.state', {})).faults).toEqual(['bug fail.bug'])
  })

  it('survives a value that cannot be carried', async () => {
    if (line.pair.structuredClones === false) return
    await expect(line.raw('fail.unsendable', {})).rejects.toEqual(code('internal'))
    await expect(line.raw('echo.text', { text: () => 1 })).rejects.toThrow()
    await expect(line.client.call('echo.text', { text: 'on' })).resolves.toEqual({ text: 'on' })
  })
}

/** A channel that goes nowhere, fed by hand. */
function loopback(): { channel: Channel; receive: (message: unknown) => void } {
  let listener: (message: unknown) => void = () => undefined
  const channel: Channel = {
    send: () => undefined,
    onMessage: (given) => {
      listener = given
    },
    onClose: () => undefined,
    close: () => undefined,
  }
  return { channel, receive: (message) => listener(message) }
}
