// The engine connection of the product: an engine process kept running by createEngineLink. Owns only the adaptation.
import type { EngineLauncher } from '#shared/engine-protocol/engine-launcher.ts'
import { createEngineLink } from '#shared/engine-protocol/engine-link.ts'
import type { ConnectEngine } from '../ports.ts'

/** Connects to engine processes that this launcher starts. */
export function engineOver(launcher: EngineLauncher): ConnectEngine {
  return (config, { onState, log }) => createEngineLink({ launcher, config, onState, log })
}
