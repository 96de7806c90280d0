// Every command and option of the command line, declared once: parsing and help both come from these tables.
// Holds no behaviour but the form of an option in help.
import { limitPlaceholder, limitRows, limitText } from './limit-options.ts'

export interface OptionRow {
  readonly type: 'boolean' | 'string'
  readonly multiple?: boolean
  /** Placeholder of the value in help. */
  readonly value?: string
  readonly text: string
}

export interface CommandRow {
  /** What follows the name in help. */
  readonly arguments: string
  readonly text: string
  readonly least: number
  readonly most: number
  readonly options: readonly OptionName[]
  /** Options that the command cannot do without. */
  readonly needs?: readonly OptionName[]
}

export const optionTable = {
  json: { type: 'boolean', text: 'print one JSON object a line' },
  databases: { type: 'string', value: 'DIR', text: 'use the databases in this folder alone' },
  threads: { type: 'string', value: 'N', text: 'scan threads, 1 to 16 (default: one for each core, at most 4)' },
  load: { type: 'string', value: 'PERCENT', text: 'of the time of its threads, 1 to 100 (default: 100)' },
  'no-cache': {
    type: 'boolean',
    text: 'look at every file, also at those unchanged since a scan that found nothing in all of them',
  },
  treat: { type: 'boolean', text: 'treat what is found as the app would by default; copies go to Quarantine' },
  exclude: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    text: 'leave out this path and what is below it; may be repeated',
  },
  strict: {
    type: 'boolean',
    text: 'exit code 3 when nothing was found and anything was not wholly scanned, not only what is named on the line',
  },
  clamd: { type: 'boolean', text: "ask ClamAV's scanner service on this computer too, when it runs" },
  'system-clamav': { type: 'boolean', text: 'load the databases that ClamAV keeps on this computer too' },
  from: {
    type: 'string',
    multiple: true,
    value: 'FEED',
    text: 'folder of a feed; may be repeated, the first one that can be used decides',
  },
  to: {
    type: 'string',
    value: 'PATH',
    text: 'restore to this path instead of the original one; publish: the folder of the feed',
  },
  key: { type: 'string', value: 'FILE', text: 'private Ed25519 key that signs the feed (PEM)' },
  'even-if-detected': { type: 'boolean', text: 'restore although something is still detected in it' },
  help: { type: 'boolean', text: 'print this text; with a command, what is about that command' },
  version: { type: 'boolean', text: 'print the version of the engine' },
} as const satisfies Record<string, OptionRow>
type FixedOption = keyof typeof optionTable
/** Also the options of limit-options.ts. */
export type OptionName = FixedOption | `max-${string}`

const lookOptions = ['databases', 'system-clamav', 'clamd', 'threads', 'load', 'exclude', ...maxOptions()] as const

export const commandTable = {
  scan: {
    arguments: 'PATH...',
    text: 'scan files and folders',
    least: 1,
    most: 1000,
    options: ['json', 'no-cache', 'treat', 'strict', ...lookOptions],
  },
  'quarantine list': { arguments: '', text: 'list the copies in Quarantine', least: 0, most: 0, options: ['json'] },
  'quarantine restore': {
    arguments: 'ID',
    text: 'put a copy back',
    least: 1,
    most: 1,
    options: ['to', 'even-if-detected', 'databases', 'json'],
  },
  'quarantine delete': { arguments: 'ID...', text: 'delete copies for good', least: 1, most: 1000, options: ['json'] },
  'databases list': {
    arguments: '',
    text: 'tell what is loaded, and what of it cannot be used',
    least: 0,
    most: 0,
    options: ['databases', 'system-clamav', 'json'],
  },
  'databases add': {
    arguments: 'FILE...',
    text: 'test signature files and use them from now on, besides the databases of the product',
    least: 1,
    most: 1000,
    options: ['json'],
  },
  'databases remove': {
    arguments: 'NAME...',
    text: 'no longer use these added files',
    least: 1,
    most: 1000,
    options: ['json'],
  },
  'databases test': {
    arguments: 'DIR',
    text: 'load a folder of databases and tell its faults',
    least: 1,
    most: 1,
    options: ['json'],
  },
  'databases update': {
    arguments: '',
    text: 'take the newest databases of a feed; the version before is kept',
    least: 0,
    most: 0,
    options: ['from', 'json'],
    needs: ['from'],
  },
  'databases roll-back': {
    arguments: '',
    text: 'use the version before again; once more changes back',
    least: 0,
    most: 0,
    options: ['json'],
  },
  'databases publish': {
    arguments: 'FOLDER',
    text: 'make the next version of a feed from a folder of databases',
    least: 1,
    most: 1,
    options: ['to', 'key', 'json'],
    needs: ['to', 'key'],
  },
  bench: {
    arguments: 'PATH...',
    text: 'measure this computer: a first and a repeated scan that change nothing',
    least: 1,
    most: 1000,
    options: ['json', ...lookOptions],
  },
} as const satisfies Record<string, CommandRow>
export type CommandName = keyof typeof commandTable

/** All options there are, in the order of help. */
export const optionNames = [...Object.keys(optionTable), ...limitRows.keys()] as OptionName[]

/** An option as help shows it. */
export function flag(name: OptionName): string {
  const { value } = rowOf(name)
  return value === undefined ? `--${name}` : `--${name} ${value}`
}

export function rowOf(name: OptionName): OptionRow {
  const limit = limitRows.get(name)
  if (limit !== undefined) return { type: 'string', value: limitPlaceholder(limit), text: limitText(limit) }
  return optionTable[name as FixedOption]
}

function maxOptions(): `max-${string}`[] {
  return [...limitRows.keys()] as `max-${string}`[]
}
