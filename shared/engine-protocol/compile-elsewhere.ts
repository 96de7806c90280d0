// Has rules compiled by an engine process of its own, which ends afterwards: compiling a large set takes memory that the
// process which scans would keep, and a rule that ends the compiler must not end protection.
// Owns that process; never configures the one that scans in another way than it was asked to.
import { codeOf } from '../errors.ts'
import { clientFor } from '../rpc/client.ts'
import type { ContractClient } from '../rpc/contract.ts'
import { createPeer } from '../rpc/peer.ts'
import { type EngineConfig, type EngineContract, type EngineInfo, engineContract } from './engine-contract.ts'
import type { EngineLauncher, EngineProcess } from './engine-launcher.ts'

type Client = Pick<ContractClient<EngineContract>, 'call'>

export interface CompileElsewhere {
  /** Configures the engine behind `client`, after its rules were compiled where that is needed. Throws as the call does. */
  configure(client: Client, config: EngineConfig): Promise<EngineInfo>
  /** Ends the process that compiles, if there is one. */
  stop(): void
}

/** `launcher`: starts the process that compiles; it is the same program as the one that scans. */
export function compileElsewhere(launcher: EngineLauncher): CompileElsewhere {
  let compiler: EngineProcess | null = null

  async function compile(config: EngineConfig): Promise<void> {
    const started = launcher.launch()
    compiler = started
    const peer = createPeer(started.channel)
    try {
      await clientFor(engineContract, peer).call('databases.compile', config)
    } catch {
      // It died or gave up. The engine that asks again says what that means for it.
    } finally {
      peer.close()
      started.kill()
      await started.exited
      if (compiler === started) compiler = null
    }
  }

  return {
    configure: async (client, config) => {
      const isCompiled = await configured(client, config)
      if (isCompiled !== null) return isCompiled
      await compile(config)
      const isKept = await configured(client, config)
      if (isKept !== null) return isKept
      // What was compiled could not be kept: the data folder is full or read-only. Then it has to be done there.
      await client.call('databases.compile', config)
      return client.call('engine.configure', config)
    },
    stop: () => compiler?.kill(),
  }
}

/** Null when rules have to be compiled first. */
async function configured(client: Client, config: EngineConfig): Promise<EngineInfo | null> {
  try {
    return await client.call('engine.configure', config)
  } catch (error) {
    if (codeOf(error) === 'databases-not-compiled') return null
    throw error
  }
}
