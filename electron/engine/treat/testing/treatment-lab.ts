// A temp folder with a vault, a treater and files to treat, for tests. Never touches anything outside of that folder.
import { randomBytes, randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DetectionId } from '#shared/domain/ids.ts'
import type { ContainerInfo, Finding } from '#shared/domain/object-report.ts'
import type { TreatmentOrder, TreatmentVerb } from '#shared/domain/treatment.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { identityOfOpen } from '../../files/content.ts'
import { toFilePath } from '../../files/path-text.ts'
import { createVault, type Vault, type VaultOptions } from '../../quarantine/vault.ts'
import type { Rescan, TreatPorts } from '../context.ts'
import { createMachine } from '../obstacles/machine.ts'
import { createTreater, type Treater } from '../treat.ts'

/** Stands for malware in these tests; assembled so that it is nowhere in the sources as a whole. */
export const marker = Buffer.from(['treatment', 'lab', 'marker', '7731'].join('-'))

export interface LabOptions {
  readonly ports?: Partial<TreatPorts>
  readonly vault?: Partial<VaultOptions>
  readonly rescan?: Rescan
  readonly recipes?: readonly CureRecipe[]
}

export interface Lab {
  readonly root: string
  readonly dataDir: string
  readonly files: string
  readonly vault: Vault
  readonly treater: Treater
  readonly ports: TreatPorts
  write(name: string, content: Buffer | string): string
  order(path: string | Buffer, change?: OrderChange): Promise<TreatmentOrder>
  /** The whole content of a copy. */
  copyOf(id: string): Promise<Buffer>
  /** A new vault and treater over the same folder, as after a crash. */
  again(options?: LabOptions): Lab
  remove(): void
}

export interface OrderChange {
  readonly verb?: TreatmentVerb
  readonly members?: readonly string[][]
  readonly container?: ContainerInfo
  readonly findingsComplete?: boolean
}

const masterKey = Buffer.alloc(32, 7)

export function createLab(options: LabOptions = {}): Lab {
  const root = mkdtempSync(join(tmpdir(), 'treat-lab-'))
  mkdirSync(join(root, 'files'))
  return reopenLab(root, options)
}

/** A vault and a treater over a folder that a lab was made in, by this process or by one that died. */
export function reopenLab(root: string, options: LabOptions): Lab {
  const dataDir = join(root, 'data')
  const files = join(root, 'files')
  const now = options.ports?.now ?? ((): Date => new Date())
  const vault = createVault({ dataDir, masterKey, retentionDays: 30, now, ...options.vault })
  const ports: TreatPorts = {
    bootToken: () => 'boot-1',
    mayEnd: () => false,
    now,
    guard: { check: () => Promise.resolve(undefined) },
    machine: createMachine(),
    // Nobody's entries: a folder that is not there.
    autostart: { root: join(root, 'machine'), homes: [], reload: () => Promise.resolve() },
    ...options.ports,
  }
  const recipes = (): readonly CureRecipe[] => options.recipes ?? []
  const treater = createTreater({ dataDir, vault, rescan: options.rescan ?? rescanForMarker, recipes, ports })
  return {
    root,
    dataDir,
    files,
    vault,
    treater,
    ports,
    write: (name, content) => {
      writeFileSync(join(files, name), content)
      return join(files, name)
    },
    order: orderFor,
    copyOf: async (id) => {
      const item = vault.list().find((one) => one.id === id)
      if (item === undefined) throw new Error('no such copy')
      const copy = vault.open(item.id)
      try {
        const parts: Buffer[] = []
        for await (const part of copy.content()) parts.push(part)
        return Buffer.concat(parts)
      } finally {
        copy.close()
      }
    },
    again: (changed = options) => {
      vault.close()
      treater.close()
      return reopenLab(root, changed)
    },
    remove: () => {
      vault.close()
      treater.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

const finding = (member: string[]): Finding => {
  return { member, threat: 'Lab.Marker', verdict: 'infected', detector: 'hash' }
}

/** Detects the marker in plain bytes. */
export const rescanForMarker: Rescan = (fd) => {
  const found = readFileSync(`/proc/self/fd/${fd}`).includes(marker)
  return Promise.resolve({ findings: found ? [finding([])] : [], findingsComplete: true, coverage: { kind: 'full' } })
}

async function orderFor(path: string | Buffer, change: OrderChange = {}): Promise<TreatmentOrder> {
  const fd = openSync(path, 'r')
  try {
    const identity = await identityOfOpen(fd)
    const findings = (change.members ?? [[]]).map(finding)
    return {
      detectionId: DetectionId.parse(randomUUID()),
      object: {
        path: toFilePath(Buffer.from(path)),
        identity,
        findings,
        findingsComplete: change.findingsComplete ?? true,
        ...(change.container === undefined ? {} : { container: change.container }),
        coverage: { kind: 'full' },
      },
      verb: change.verb ?? 'delete',
      origin: { kind: 'local' },
      databaseVersion: 'lab-1',
    }
  } finally {
    closeSync(fd)
  }
}

/** Content that no other file has, with the marker in it. */
export function infectedContent(size = 3000): Buffer {
  return Buffer.concat([randomBytes(size), marker, randomBytes(10)])
}

export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
