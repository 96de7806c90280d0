// The real engine process behind a real link, ready to scan.
import { type EngineRig, startRig } from '../../electron/engine-host/testing/engine-rig.ts'
import { inProject } from './project.ts'
import { until } from './wait.ts'

const readyMs = 120_000

export interface ReadyEngine {
  readonly rig: EngineRig
  readonly pid: number
}

/** Waits until its databases are loaded, also those that have to be compiled first. To be disposed of by the caller. */
export async function startEngine(dataDir: string, databasesDir: string, workers: number): Promise<ReadyEngine> {
  const rig = startRig(inProject('out/main/engine-host.js'), { dataDir, databasesDir, workers })
  // Later it is that of the process that compiles the rules.
  const pid = rig.launcher.pid()
  if (pid === undefined) throw new Error('the engine was not started')
  await until('the engine', readyMs, () => rig.states.includes('ready') || null)
  return { rig, pid }
}
