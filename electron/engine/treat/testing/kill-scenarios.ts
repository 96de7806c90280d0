// The treatments that are killed at every change they make: what lies there before, what is ordered, and what must be there
// in the end however often it was killed. Used by tests only.
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { inodeFlags } from '../../files/linux-calls.ts'
import { canFlag, setFlags } from './inode-flags.ts'
import { activeScenarios } from './kill-scenarios-active.ts'
import { type MadePart, makeMail, makeMailbox, textPart } from './mails.ts'
import { infectedContent, type Lab, type LabOptions } from './treatment-lab.ts'
import { makeZip } from './zip-fixture.ts'

export interface KillScenario {
  readonly name: string
  /** What the order ends with. */
  readonly status: TreatmentOutcome['status'] | 'restored'
  /** Puts the object into `lab.files` and makes the order. */
  prepare(lab: Lab): Promise<TreatmentOrder>
  /** Where it cannot be played: root is needed, and a file system with flags. */
  readonly isPossible?: () => boolean
  /** How the treater is made, of the lab's folder. */
  readonly options?: (root: string) => LabOptions
  /** Every so manyth write is also cut in its middle; default: every one. */
  readonly halves?: number
  /** A kill after a copy was stored, and before it was needed, leaves it: the next try makes one of its own. */
  readonly mayCopyTwice?: true
  /** What is done, and how it ended; default: the order is carried out. May be called again after a kill. */
  readonly act?: (lab: Lab, order: TreatmentOrder) => Promise<string>
  /** Looks at what is no file, and tidies it up, when the last one who acts is done. Throws when it is not as it should be. */
  readonly after?: (root: string) => void
}

const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
const bad = (name: string) => ({ name, content: infectedContent(), stored: true })
const container = { format: 'zip', leaves: 3 }

const treatments: readonly KillScenario[] = [
  {
    name: 'delete',
    status: 'deleted',
    prepare: (lab) => lab.order(lab.write('object', infectedContent())),
  },
  {
    name: 'disinfect',
    status: 'disinfected',
    prepare: (lab) => {
      const file = lab.write('object', makeZip([good, bad('evil')]).bytes)
      // What the cured file does not get is journaled too.
      chmodSync(file, 0o4755)
      return lab.order(file, { verb: 'disinfect', members: [['evil']], container })
    },
  },
  {
    name: 'disinfect, and delete because it still matches',
    status: 'deleted',
    prepare: (lab) =>
      lab.order(lab.write('object', makeZip([good, bad('evil'), bad('other')]).bytes), {
        verb: 'disinfect',
        members: [['evil']],
        container,
      }),
  },
  {
    name: 'disinfect a mailbox',
    status: 'disinfected',
    prepare: (lab) => {
      const attachment = { name: 'evil', content: infectedContent() }
      const mail = (parts: readonly MadePart[]): Buffer => makeMail({ parts: [textPart, ...parts], eol: '\n' })
      return lab.order(lab.write('object', makeMailbox([mail([]), mail([attachment])])), {
        verb: 'disinfect',
        members: [['2.eml', 'evil']],
        container: { format: 'mail', leaves: 3 },
      })
    },
  },
  {
    name: 'delete, with the entries that start it',
    status: 'deleted',
    // The person's files are a machine of their own.
    options: (root) => ({
      ports: { autostart: { root: join(root, 'files'), homes: ['/home/u'], reload: () => Promise.resolve() } },
    }),
    prepare: (lab) => {
      const units = join(lab.files, 'home/u/.config/systemd/user')
      mkdirSync(units, { recursive: true })
      lab.write('home/u/.bashrc', 'ls\n/object &\nls\n')
      lab.write('home/u/.config/systemd/user/update.service', '[Service]\nExecStart=/object\n')
      return lab.order(lab.write('object', infectedContent()))
    },
  },
  {
    name: 'copy to Quarantine',
    status: 'quarantined',
    prepare: (lab) => lab.order(lab.write('object', infectedContent()), { verb: 'copy-to-quarantine' }),
  },
  {
    name: 'delete an immutable file',
    status: 'deleted',
    isPossible: canFlag,
    prepare: (lab) => {
      const file = lab.write('object', infectedContent())
      setFlags(file, inodeFlags.immutable)
      return lab.order(file)
    },
  },
  {
    name: 'no room for the copy',
    status: 'backup-failed',
    options: () => ({ vault: { limits: { totalBytes: 10 } } }),
    prepare: (lab) => lab.order(lab.write('object', infectedContent())),
  },
]

export const killScenarios: readonly KillScenario[] = [...treatments, ...activeScenarios]

/** Finishes what was begun before, and acts. */
export async function actIn(scenario: KillScenario, lab: Lab, order: TreatmentOrder): Promise<string> {
  await lab.treater.recover()
  return scenario.act === undefined ? (await lab.treater.treat(order)).status : scenario.act(lab, order)
}

export function scenarioNamed(name: string): KillScenario {
  const found = killScenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return found
}

/** Everything that a treatment may leave anywhere, without what is made anew each time (ids, times, random names). */
export interface EndState {
  /** Path below the lab's folder → SHA-256; only the person's files. */
  readonly files: Readonly<Record<string, string>>
  /** SHA-256 of the content of each copy, sorted. */
  readonly copies: readonly string[]
  /** Names in folders of ours that should be empty: the grab folder, half-written copies. */
  readonly leftovers: readonly string[]
}

export async function endStateOf(lab: Lab): Promise<EndState> {
  const copies = await Promise.all(lab.vault.list().map(async ({ id }) => sha256(await lab.copyOf(id))))
  const files = Object.fromEntries(
    filesBelow(lab.files).map((path) => [relative(lab.root, path), sha256(readFileSync(path))]),
  )
  const ours = filesBelow(lab.dataDir).map((path) => relative(lab.dataDir, path))
  const leftovers = ours.filter((path) => path.startsWith('grab') || path.endsWith('.part'))
  return { files, copies: copies.sort(), leftovers }
}

function filesBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
