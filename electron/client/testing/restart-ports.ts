// In-memory twins of the ports about restarts of the computer. Used by tests only.
import { ProductError } from '#shared/errors.ts'
import type { BootPort, RestartPort } from '../ports.ts'

export interface TestMachineRestarts {
  readonly boot: BootPort
  readonly restart: RestartPort
  /** How often the system was asked. */
  asked: number
  /** The system does not allow it. */
  refuses: boolean
  /** From now on it is another boot. */
  restarted(): void
}

/** A machine that only writes down that it was to be restarted. */
export function recordedRestarts(): TestMachineRestarts {
  let boots = 1
  const machine: TestMachineRestarts = {
    boot: { token: () => `boot-${boots}` },
    restart: {
      restart: async () => {
        machine.asked += 1
        if (machine.refuses) throw new ProductError('restart-refused')
      },
    },
    asked: 0,
    refuses: false,
    restarted: () => {
      boots += 1
    },
  }
  return machine
}
