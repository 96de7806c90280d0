// The autostart entries that go with an object: found, copied to Quarantine, changed, and put back or finished with it.
// Each change is journaled before anything of it happens. Never fails the treatment of the object: what cannot be changed is named.
import { createHash, randomUUID } from 'node:crypto'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { temporaryName } from '../../files/own-names.ts'
import { toBytes, toFilePath } from '../../files/path-text.ts'
import { StepAborted, stepDone, type TreatContext } from '../context.ts'
import type { BadFile } from './autostart/aim.ts'
import type { FoundFile } from './autostart/entry.ts'
import { findAutostart } from './autostart/find.ts'
import { isPackaged } from './autostart/packaged.ts'
import { type Tree, treeBelow } from './autostart/tree.ts'
import {
  type CrontabLine,
  changeCrontab,
  crontabLine,
  findInOwnCrontab,
  isCrontabChanged,
  undoCrontab,
} from './crontab-change.ts'
import { type EntryLine, finishChange, forbiddingFlags, makeChange, undoChange } from './entry-change.ts'
import { type StoredLinks, storeEntry, storeLink } from './entry-copy.ts'
import { actTexts, lineTexts } from './texts.ts'

/** One's own table of cron, among the paths that were seen. */
const ownTable = 'crontab'

/** What was changed, as the journal has it. */
export type BesidesLine = EntryLine | CrontabLine

/** True for the lines of a journal that are about entries. */
export function isEntryLine(line: TreatmentLine): line is TreatmentLine & BesidesLine {
  return line.kind === 'entry-file' || line.kind === 'entry-link' || line.kind === 'entry-crontab'
}

export class Besides {
  readonly #context: TreatContext
  readonly #order: TreatmentOrder
  readonly #tree: Tree
  readonly #made: BesidesLine[] = []
  readonly #seen = new Set<string>()
  readonly #left = new Map<string, readonly string[]>()

  /** `known`: changes that an interrupted treatment journaled. */
  constructor(context: TreatContext, order: TreatmentOrder, known: readonly BesidesLine[] = []) {
    this.#context = context
    this.#order = order
    this.#tree = treeBelow(context.ports.autostart.root)
    this.#made.push(...known)
  }

  get wasPreloaded(): boolean {
    return this.#made.some(({ starts }) => starts === 'preload')
  }

  get any(): boolean {
    return this.#made.length > 0
  }

  /** What was removed, for people. */
  get removed(): string[] {
    return this.#made.flatMap(({ acts }) => acts)
  }

  /** What points at the object and could not be removed. */
  get left(): string[] {
    return [...this.#left.values()].flat()
  }

  /** Looks for entries, and changes those that were not changed yet. */
  async remove(bad: BadFile): Promise<void> {
    const { homes } = this.#context.ports.autostart
    const found = findAutostart(this.#tree, homes, bad)
    for (const file of found) {
      if (this.#seen.has(file.path)) continue
      this.#seen.add(file.path)
      await this.#change(file, found)
    }
    if (!this.#seen.has(ownTable)) await this.#changeOwnTable(bad)
  }

  /** Everything as it was, the last change first. What somebody changed since stays as it is. */
  async undo(): Promise<void> {
    const lines = this.#made.splice(0).reverse()
    for (const line of lines) {
      const isBack = await quietly(() => this.#undoOne(line))
      if (isBack === true) this.#dropCopy(line)
      else this.#made.push(line)
    }
    await this.#tellManagers(lines)
  }

  /** The changes stay. */
  async finish(): Promise<void> {
    const lines = this.#made.splice(0)
    for (const line of lines) {
      const isDone = await quietly(() => this.#finishOne(line))
      if (isDone === false) this.#stays(line)
      else this.#made.push(line)
    }
    await this.#tellManagers(lines)
  }

  async #tellManagers(lines: readonly BesidesLine[]): Promise<void> {
    if (lines.some(({ starts }) => starts === 'systemd')) await this.#context.ports.autostart.reload()
  }

  /** Nothing of it was changed after all. */
  #stays(line: BesidesLine): void {
    this.#dropCopy(line)
    this.#left.set(this.#seenAs(line), line.acts)
  }

  async #change(file: FoundFile, found: readonly FoundFile[]): Promise<void> {
    const texts = actTexts(file, this.#context.ports.autostart.homes)
    if (await isPackaged(this.#tree, this.#context.ports.guard, file)) {
      this.#left.set(file.path, texts)
      return
    }
    const line = this.#lineFor(file, texts)
    await this.#journaled(line, file.path, async () => {
      const content = contentAfter(file)
      if (line.kind === 'entry-link') await storeLink(this.#context, this.#order, line)
      else await storeEntry(this.#context, this.#order, { line, content, links: this.#linksOf(file, found) })
      await stepDone(this.#context, 'entry-stored')
      await makeChange(this.#context, line, content)
    })
  }

  async #changeOwnTable(bad: BadFile): Promise<void> {
    const found = await findInOwnCrontab(this.#tree, this.#context.ports.autostart, bad)
    if (found === undefined) return
    this.#seen.add(ownTable)
    const line = crontabLine(this.#order, found, lineTexts(found.place, found.entries))
    await this.#journaled(line, ownTable, () => changeCrontab(this.#context, this.#order, { line, found }))
  }

  /** A change of its own: what goes wrong with it is undone and named, and stops nothing else. */
  async #journaled(line: BesidesLine, path: string, make: () => Promise<void>): Promise<void> {
    this.#context.log.add(line)
    await stepDone(this.#context, 'entry-planned')
    try {
      await make()
      this.#made.push(line)
      this.#left.delete(path)
    } catch (error) {
      const known = asProductError(error)
      if (error instanceof StepAborted || !(known instanceof ProductError)) throw error
      const isBack = await quietly(() => this.#undoOne(line))
      if (isBack === true) this.#dropCopy(line)
      // Undone or finished with all others, as far as it goes then.
      if (isBack === undefined) this.#made.push(line)
      else this.#left.set(path, line.acts)
      // Somebody else changed it in this moment: the second look sees what it is now.
      if (known.code === 'object-changed') this.#seen.delete(path)
    }
  }

  #seenAs({ kind, file }: BesidesLine): string {
    return kind === 'entry-crontab' ? ownTable : (this.#tree.within(toBytes(file)) ?? file.text)
  }

  #undoOne(line: BesidesLine): Promise<boolean> {
    return line.kind === 'entry-crontab' ? undoCrontab(this.#context, line) : undoChange(line)
  }

  #finishOne(line: BesidesLine): Promise<boolean> {
    return line.kind === 'entry-crontab' ? isCrontabChanged(this.#context, line) : finishChange(line)
  }

  #lineFor(file: FoundFile, acts: string[]): EntryLine {
    const base = {
      detectionId: this.#order.detectionId,
      file: toFilePath(this.#tree.real(file.path)),
      hold: toFilePath(temporaryName()),
      acts,
      starts: file.kind,
    }
    const { change } = file
    const quarantineId = QuarantineId.parse(randomUUID())
    if (change.kind === 'unlink') {
      const copy = change.of === undefined ? { quarantineId } : {}
      return { ...base, kind: 'entry-link', target: toFilePath(Buffer.from(change.target, 'latin1')), ...copy }
    }
    const content = contentAfter(file)
    const sha256 = content === undefined ? {} : { sha256: createHash('sha256').update(content).digest('hex') }
    const flags = this.#tree.withOpen(file.path, forbiddingFlags)
    return {
      ...base,
      kind: 'entry-file',
      identity: change.identity,
      quarantineId,
      ...sha256,
      ...(flags === undefined ? {} : { flags }),
    }
  }

  /** Links that go because this file does: its copy keeps them, and a restore makes them again. */
  #linksOf(file: FoundFile, all: readonly FoundFile[]): StoredLinks {
    return all.flatMap(({ path, change }) => {
      if (change.kind !== 'unlink' || change.of !== file.path) return []
      const target = toFilePath(Buffer.from(change.target, 'latin1'))
      return [{ path: toFilePath(this.#tree.real(path)), target }]
    })
  }

  #dropCopy(line: BesidesLine): void {
    if (line.quarantineId !== undefined) this.#context.vault.delete([line.quarantineId])
  }
}

function contentAfter({ change }: FoundFile): Buffer | undefined {
  return change.kind === 'rewrite' ? Buffer.from(change.text, 'latin1') : undefined
}

/** Undefined when the system says no: then it is as it is. A bug, and a step that ends a treatment, are thrown on. */
export async function quietly<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return undefined
    throw error
  }
}
