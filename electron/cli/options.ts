// Reads a line: its command, arguments and options, after the tables.
// Never prints and never ends the process.
import { parseArgs } from 'node:util'
import {
  type CommandName,
  type CommandRow,
  commandTable,
  flag,
  type OptionName,
  optionNames,
  rowOf,
} from './command-table.ts'
import { readLimitOptions } from './limit-options.ts'

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
  readonly strict: boolean
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
  // An empty value is a variable that was not set: it must not become the folder where the line is run.
  const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''))
  if (empty !== undefined) return wrong(`${flag(empty as OptionName)} must not be empty`)
  if (rest.includes('')) return wrong(`${command}: an argument is empty`)
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

function parserOptions() {
  const rows = optionNames.map((name) => {
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
    strict: values.strict === true,
    exclude: texts('exclude'),
    from: texts('from'),
    to: text('to'),
    key: text('key'),
    evenIfDetected: values['even-if-detected'] === true,
  }
}
