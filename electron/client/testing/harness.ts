// A client on a temporary data folder, with everything around it in memory. Used by tests only.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Client, createClient } from '../client.ts'
import type { ClientPorts } from '../ports.ts'
import { nodeDisk } from '../storage/disk.ts'
import { type FakeMachine, fakeMachine } from './fake-machine.ts'
import { type FakePortal, fakePortal, memorySocketTo, testDeviceId } from './fake-portal.ts'
import {
  memorySecrets,
  memorySettings,
  type Power,
  type StoppingDisk,
  stoppingDisk,
  testPorts,
} from './memory-ports.ts'

export interface World {
  readonly dataDir: string
  readonly machine: FakeMachine
  readonly portal: FakePortal
  readonly secrets: ReturnType<typeof memorySecrets>
  readonly settings: ReturnType<typeof memorySettings>
  /** A new app on the same computer. `stopAt`: the write at which it dies. */
  boot(options?: BootOptions): Promise<Booted>
  /** The computer is connected to the account of the portal. */
  enrolled(): Promise<void>
  remove(): Promise<void>
}

export interface BootOptions {
  readonly stopAt?: number
  readonly how?: 'before' | 'torn' | 'after'
  readonly ports?: Partial<ClientPorts>
}

export interface Booted {
  readonly client: Client
  readonly power: Power
  readonly disk: StoppingDisk
  /** The machine goes off: nothing of this app does anything any more. */
  cut(): Promise<void>
}

export function newWorld(machine = fakeMachine()): World {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'client-test-'))
  const portal = fakePortal()
  const secrets = memorySecrets()
  const settings = memorySettings()
  const booted: Booted[] = []
  return {
    dataDir,
    machine,
    portal,
    secrets,
    settings,
    async boot({ stopAt, how, ports = {} } = {}) {
      const power = { on: true }
      const disk = stoppingDisk(power, stopAt, how)
      const connectSocket = memorySocketTo(portal, () => power.on)
      const client = createClient(
        testPorts({ dataDir, engine: machine.connect(power), disk, secrets, settings, connectSocket, ...ports }),
      )
      const cut = async () => {
        power.on = false
        await client.stop()
        await disk.idle()
      }
      const app = { client, power, disk, cut }
      booted.push(app)
      await client.start().catch((error: unknown) => {
        if (power.on) throw error
      })
      return app
    },
    async enrolled() {
      const account = {
        status: 'connected',
        email: portal.email,
        deviceId: testDeviceId,
        deviceName: 'desk',
        connectedAt: '2026-01-01T00:00:00Z',
      }
      const file = { version: 1, account, portalOrigin: 'http://localhost:1' }
      await nodeDisk.replace(path.join(dataDir, 'account.json'), JSON.stringify(file))
    },
    async remove() {
      for (const app of booted) await app.cut()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
