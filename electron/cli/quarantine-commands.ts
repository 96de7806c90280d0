// `quarantine list | restore | delete`: the copies of treated objects, while the app does not run.
// Owns the words and the exit code; the engine owns the store.
import { givenEntriesText } from '#shared/domain/acts-text.ts'
import { QuarantineId } from '#shared/domain/ids.ts'
import { lossText } from '#shared/domain/restore-text.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import type { EngineLink } from '#shared/engine-protocol/engine-link.ts'
import { ProductError } from '#shared/errors.ts'
import { pathFields, pathText } from './path-form.ts'
import { namedPath } from './raw-arguments.ts'
import { type CommandContext, withEngine } from './session.ts'
import { harmless } from './terminal.ts'

const needs = { workers: 1, treats: true }

export async function quarantineList(context: CommandContext): Promise<number> {
  const items = await withEngine(context, needs, allCopies)
  for (const item of items) {
    const { originalPath, ...rest } = item
    const { id, storedAt, sizeBytes, threat } = item
    if (context.options.json)
      context.terminal.print(JSON.stringify({ type: 'copy', ...pathFields(originalPath), ...rest }))
    else
      context.terminal.print(
        `${id}  ${storedAt}  ${sizeBytes} bytes  ${harmless(threat)}  ${pathText(originalPath)}${noteOf(item)}`,
      )
  }
  if (items.length === 0 && !context.options.json) context.terminal.note('Quarantine is empty.')
  return 0
}

export async function quarantineRestore(context: CommandContext, [text = '']: readonly string[]): Promise<number> {
  const { to, evenIfDetected, json } = context.options
  const order = { id: idOf(text), target: to === null ? null : namedPath(to), evenIfDetected }
  const restored = await withEngine(context, needs, (link) => link.client.call('quarantine.restore', order))
  const line = json
    ? JSON.stringify({ type: 'restored', ...restored, ...pathFields(restored.path) })
    : `Restored ${pathText(restored.path)}`
  context.terminal.print(line)
  if (!json && restored.notKept.length > 0) context.terminal.note(lossText(restored.notKept))
  const given = restored.entries === undefined ? '' : givenEntriesText(restored.entries)
  if (!json && given !== '') context.terminal.note(`${given}.`)
  return 0
}

export async function quarantineDelete(context: CommandContext, texts: readonly string[]): Promise<number> {
  const ids = texts.map(idOf)
  const { deleted, held } = await withEngine(context, needs, (link) => link.client.call('quarantine.delete', { ids }))
  const { json } = context.options
  context.terminal.print(json ? JSON.stringify({ type: 'deleted', deleted, held }) : `Deleted ${deleted}`)
  if (held > 0) throw new ProductError('in-use', `${held} of ${ids.length} wait for a restart`)
  if (deleted < ids.length) throw new ProductError('not-found', `${ids.length - deleted} of ${ids.length}`)
  return 0
}

const conditions: Record<NonNullable<QuarantineItem['condition']>, string> = {
  'at-restart': 'waits for a restart',
  damaged: 'damaged',
  'key-lost': 'key lost',
}

/** What is unusual about a copy. */
function noteOf({ condition, falseAlarm }: QuarantineItem): string {
  if (condition !== undefined) return `  (${conditions[condition]})`
  return falseAlarm === undefined ? '' : '  (no longer detected)'
}

/** Newest first, page by page. */
async function allCopies(link: EngineLink): Promise<readonly QuarantineItem[]> {
  const items: QuarantineItem[] = []
  for (;;) {
    const page = await link.client.call('quarantine.list', { offset: items.length, limit: 200 })
    items.push(...page.items)
    if (page.items.length === 0 || items.length >= page.total) return items
  }
}

function idOf(text: string): QuarantineId {
  const parsed = QuarantineId.safeParse(text)
  if (!parsed.success) throw new ProductError('bad-request', 'no such id')
  return parsed.data
}
