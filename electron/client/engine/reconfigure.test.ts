// Settings that change faster than the engine takes them over.
import { afterEach, expect, it } from 'vitest'
import type { ConnectEngine } from '../ports.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())
const signal = new AbortController().signal

it('a setting that is switched back while the engine still takes it over is switched back there too', async () => {
  const machine = fakeMachine()
  world = newWorld(machine)
  const waiting: (() => void)[] = []
  const connect = machine.connect()
  const slowToChange: ConnectEngine = (config, hooks) => {
    const made = connect(config, hooks)
    return {
      ...made,
      configure: async (next) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return made.configure(next)
      },
    }
  }
  const { client } = await world.boot({ ports: { engine: slowToChange } })
  await eventually(() => client.state().protection.value.engine === 'ready', 'ready')
  const { clamav } = client.state().settings.value
  const ask = (isAsked: boolean) =>
    client.handlers['settings.change']({ clamav: { ...clamav, ask: isAsked } }, undefined, signal)
  await ask(!clamav.ask)
  await eventually(() => waiting.length === 1, 'the engine is changing')
  await ask(clamav.ask)
  waiting.shift()?.()
  await eventually(() => waiting.length === 1, 'the engine is changing back')
  waiting.shift()?.()
  await eventually(() => machine.configs.length === 3, 'changed back')
  expect(machine.configs.at(-1)?.scanner).toEqual(machine.configs[0]?.scanner)
})
