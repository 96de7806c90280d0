// The engine process: serves the engine's contract to its parent and ends with it. Works as an Electron utility process and
// as a forked Node child. SECURITY: runs with a scrubbed environment, opens no network, never logs what it is configured with.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { engineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { Channel } from '#shared/rpc/channel.ts'
import { createPeer, type Peer } from '#shared/rpc/peer.ts'
import { answerContract, emitterFor } from '#shared/rpc/serve.ts'
import { createEngine, type EngineOptions } from '../engine/engine.ts'
import { parentChannel } from '../process/parent-channel.ts'
import { installationFolders, resourcesPath } from './installation.ts'

/** What tests put in the place of the real thing. */
export type HostOverrides = Partial<
  Pick<EngineOptions, 'workerFile' | 'seedDatabasesDir' | 'installation' | 'ports' | 'watchdogMs' | 'askSecondEngine'>
>

/** One after the other or at once: as many single-object scans as real-time protection may have under way. */
const maxConcurrent = 1024

/** Starts serving; returns at once. The process ends when its parent goes away. */
export function startHost(overrides: HostOverrides = {}): void {
  const channel = parentChannel()
  const log = (line: string) => process.stderr.write(`engine: ${line}\n`)
  const engine = createEngine({
    workerFile: path.join(import.meta.dirname, 'engine-worker.js'),
    seedDatabasesDir: seedDatabases(),
    installation: installationFolders({
      moduleDir: import.meta.dirname,
      execPath: process.execPath,
      resourcesPath: resourcesPath(),
    }),
    ...elevation(),
    emit: (name, payload) => emit(name, payload),
    endProcess: (reason) => {
      log(reason)
      endNow()
    },
    log,
    ...overrides,
  })
  const peer = servePeer(channel, engine.handlers, log)
  const emit = emitterFor(engineContract, peer)
  peer.onClose(endNow)
}

/** In a package alone: a checkout is not root's, and nobody may become root through it. */
function elevation(): Pick<EngineOptions, 'elevation'> {
  const resources = resourcesPath()
  if (resources === undefined) return {}
  return { elevation: { helper: path.join(resources, 'resources/polkit/treat-helper'), program: process.execPath } }
}

/** In the checkout they lie beside the code; a package keeps them outside of its archive, in Electron's resources. */
function seedDatabases(): string {
  const beside = path.resolve(import.meta.dirname, '../../resources/databases')
  const resources = resourcesPath()
  return resources === undefined || existsSync(beside) ? beside : path.join(resources, 'resources', 'databases')
}

function servePeer(
  channel: Channel,
  handlers: ReturnType<typeof createEngine>['handlers'],
  log: (line: string) => void,
): Peer {
  return createPeer(channel, {
    answer: answerContract(engineContract, handlers, undefined),
    maxConcurrent,
    // The name of the call and of the error only: messages may hold paths, stacks may hold more.
    onFault: ({ kind, name, error }) => log(`${kind} ${name} ${error instanceof Error ? firstFrame(error) : ''}`),
  })
}

/** Not an exit: that waits for the threads, and one that hangs never ends. What is half done is recovered from disk. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL')
}

function firstFrame(error: Error): string {
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '))
  return `${error.name} ${frame?.trim() ?? ''}`
}
