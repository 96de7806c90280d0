// The port through which an engine process is started: utilityProcess in the app, fork in plain Node and in tests.
import type { Channel } from '../rpc/channel.ts'

export interface EngineExit {
  /** False only after `kill()` or a clean end that was asked for. */
  readonly crashed: boolean
  /** For the log: exit code or signal. */
  readonly reason: string
}

export interface EngineProcess {
  readonly channel: Channel
  readonly exited: Promise<EngineExit>
  /** Ends it at once; safe to call twice. */
  kill(): void
}

export interface EngineLauncher {
  launch(): EngineProcess
}
