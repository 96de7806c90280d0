// Every command and option of the command line, declared once: parsing and help both come from this table.
// Never prints and never ends the process.
import { parseArgs } from 'node:util'
import { limitPlaceholder, limitRows, limitText, readLimitOptions } from './limit-options.ts'

interface OptionRow {
  readonly type: 'boolean' | 'string'
  readonly multiple?: boolean
  /** Placeholder of the value in help. */
  readonly value?: string
  readonly text: string
}

interface CommandRow {
  /** What follows the name in help. */
  readonly arguments: string
  readonly text: string
  readonly least: number
  readonly most: number
  readonly options: readonly OptionName[]
  /** Options that the command cannot do without. */
  readonly needs?: readonly OptionName[]
}

const optionTable = {
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

const commandTable = {
  scan: {
    arguments: 'PATH...',
    text: 'scan files and folders',
    least: 1,
    most: 1000,
    options: ['json', 'no-cache', 'treat', ...lookOptions],
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

export interface ParsedOptions {
  readonly json: boolean
  readonly databases: string | null
  readonly threads: number | null
  /** Share of the time that its threads may work, in percent. */
  readonly loadPercent: number
  readonly noCache: boolean
  readonly clamd: boolean
  readonly systemClamav: boolean
  /** Changed bounds by their names in the engine's table. */
  readonly limits: Readonly<Record<string, number>>
  readonly treat: boolean
  readonly exclude: readonly string[]
  readonly from: readonly string[]
  readonly to: string | null
  readonly key: string | null
  readonly evenIfDetected: boolean
}

export type ParsedLine =
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly arguments: readonly string[]
      readonly options: ParsedOptions
    }
  | { readonly kind: 'help'; readonly command: CommandName | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problem: string; readonly command: CommandName | undefined }

/** Reads what follows the program's name. Never throws. */
export function parseLine(argv: readonly string[]): ParsedLine {
  let parsed: Parsed
  try {
    parsed = parseArgs({ args: [...argv], options: parserOptions(), allowPositionals: true })
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'unknown option'
    return { kind: 'wrong', problem, command: commandOf(argv) }
  }
  const { values, positionals } = parsed
  const isAsked = positionals[0] === 'help'
  const command = commandOf(isAsked ? positionals.slice(1) : positionals)
  if (values.help === true || isAsked) return { kind: 'help', command }
  if (values.version === true) return { kind: 'version' }
  if (command !== undefined) return readCommand(command, parsed)
  const problem = positionals.length === 0 ? 'no command' : `unknown command: ${positionals.slice(0, 2).join(' ')}`
  return { kind: 'wrong', problem, command }
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function readCommand(command: CommandName, { values, positionals }: Parsed): ParsedLine {
  const wrong = (problem: string): ParsedLine => ({ kind: 'wrong', problem, command })
  const row: CommandRow = commandTable[command]
  const rest = positionals.slice(command.split(' ').length)
  const stray = Object.keys(values).find((name) => !row.options.includes(name as OptionName))
  if (stray !== undefined) return wrong(`${command} has no option --${stray}`)
  const missing = row.needs?.find((name) => values[name] === undefined)
  if (missing !== undefined) return wrong(`${command} needs ${flag(missing)}`)
  if (rest.length < row.least) return wrong(`${command} needs ${row.arguments}`)
  if (rest.length > row.most) return wrong(`${command} takes ${row.arguments === '' ? 'no arguments' : row.arguments}`)
  const threads = values.threads === undefined ? null : Number(values.threads)
  if (threads !== null && !isWhole(threads, 16)) return wrong('--threads must be 1 to 16')
  const loadPercent = values.load === undefined ? 100 : Number(values.load)
  if (!isWhole(loadPercent, 100)) return wrong('--load must be 1 to 100')
  const limits = readLimitOptions(values)
  if (typeof limits === 'string') return wrong(limits)
  return { kind: 'run', command, arguments: rest, options: { ...optionsOf(values, threads, limits), loadPercent } }
}

/** The text of --help; of one command only what is about it. */
export function helpText(program: string, command?: CommandName): string {
  const shown = command === undefined ? (Object.keys(commandTable) as CommandName[]) : [command]
  const commands = shown.map((name) => `${usage(program, name)}\n      ${commandTable[name].text}`)
  const all = [...Object.keys(optionTable), ...limitRows.keys()] as OptionName[]
  const row: CommandRow | undefined = command && commandTable[command]
  const names = row === undefined ? all : all.filter((name) => row.options.includes(name))
  const options = names.map((name) => `  ${flag(name).padEnd(26)}${rowOf(name).text}`)
  const exits =
    '  0  nothing found, done\n  1  something found; databases add, test: some of it cannot be used\n  2  an error; objects that could not be read are listed and are no error'
  const optionsPart = options.length === 0 ? '' : `\n\nOptions:\n${options.join('\n')}`
  return `Usage:\n${commands.join('\n')}${optionsPart}\n\nExit codes:\n${exits}\n`
}

/** What a person is told beside what is wrong with a line. */
export function hintText(program: string, command: CommandName | undefined): string {
  const how = command === undefined ? '' : `${usage(program, command).trim()}\n`
  return `${how}${program} help${command === undefined ? '' : ` ${command}`} tells more.`
}

function usage(program: string, name: CommandName): string {
  const row: CommandRow = commandTable[name]
  const isNeeded = (option: OptionName): boolean => row.needs?.includes(option) ?? false
  const options = row.options.map((option) => (isNeeded(option) ? flag(option) : `[${flag(option)}]`)).join(' ')
  return `  ${program} ${[name, row.arguments, options].filter(Boolean).join(' ')}`
}

function flag(name: OptionName): string {
  const { value } = rowOf(name)
  return value === undefined ? `--${name}` : `--${name} ${value}`
}

function rowOf(name: OptionName): OptionRow {
  const limit = limitRows.get(name)
  if (limit !== undefined) return { type: 'string', value: limitPlaceholder(limit), text: limitText(limit) }
  return optionTable[name as FixedOption]
}

function maxOptions(): `max-${string}`[] {
  return [...limitRows.keys()] as `max-${string}`[]
}

function parserOptions() {
  const names = [...Object.keys(optionTable), ...limitRows.keys()] as OptionName[]
  const rows = names.map((name) => {
    const { type, multiple } = rowOf(name)
    return [name, { type, multiple: multiple === true }] as const
  })
  return Object.fromEntries(rows)
}

function commandOf(positionals: readonly string[]): CommandName | undefined {
  const names = [positionals[0] ?? '', positionals.slice(0, 2).join(' ')]
  return names.find((name): name is CommandName => Object.hasOwn(commandTable, name))
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

function optionsOf(
  values: Record<string, unknown>,
  threads: number | null,
  limits: Readonly<Record<string, number>>,
): Omit<ParsedOptions, 'loadPercent'> {
  const text = (name: OptionName) => (typeof values[name] === 'string' ? values[name] : null)
  const texts = (name: OptionName) =>
    Array.isArray(values[name]) ? values[name].filter((each) => typeof each === 'string') : []
  return {
    json: values.json === true,
    databases: text('databases'),
    threads,
    noCache: values['no-cache'] === true,
    clamd: values.clamd === true,
    systemClamav: values['system-clamav'] === true,
    limits,
    treat: values.treat === true,
    exclude: texts('exclude'),
    from: texts('from'),
    to: text('to'),
    key: text('key'),
    evenIfDetected: values['even-if-detected'] === true,
  }
}
