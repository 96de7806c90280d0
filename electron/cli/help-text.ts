// The help of the command line, made from its tables.
// Never prints.
import {
  type CommandName,
  type CommandRow,
  commandTable,
  flag,
  type OptionName,
  optionNames,
  rowOf,
} from './command-table.ts'

const exits = `  0  nothing found, done
  1  something found; databases add, test: some of it cannot be used
  2  an error, whatever was found: a path of the line is missing, the scan was stopped, ...
  3  nothing found, but a path of the line was not scanned; with --strict: but anything was not wholly scanned
Other objects that could not be read are listed and are no error.`

/** The text of --help; of one command only what is about it. */
export function helpText(program: string, command?: CommandName): string {
  const shown = command === undefined ? (Object.keys(commandTable) as CommandName[]) : [command]
  const commands = shown.map((name) => `${usage(program, name)}\n      ${commandTable[name].text}`)
  const row: CommandRow | undefined = command && commandTable[command]
  const names = row === undefined ? optionNames : optionNames.filter((name) => row.options.includes(name))
  const options = names.map((name) => `  ${flag(name).padEnd(26)}${rowOf(name).text}`)
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
