// The command line over the engine: reads the line, runs the command, turns its end into an exit code.
// 0 nothing found, 1 something found, 2 an error. Every rule is elsewhere.
import { ProductError } from '#shared/errors.ts'
import { engineVersion } from '../engine/databases/engine-version.ts'
import { benchCommand } from './bench-command.ts'
import { databasesAdd, databasesList, databasesRemove, databasesTest } from './databases-commands.ts'
import { databasesPublish, databasesRollBack, databasesUpdate } from './feed-commands.ts'
import { type CommandName, helpText, hintText, parseLine } from './options.ts'
import { quarantineDelete, quarantineList, quarantineRestore } from './quarantine-commands.ts'
import { scanCommand } from './scan-command.ts'
import type { CommandContext } from './session.ts'
import { createTerminal } from './terminal.ts'

const commands: Record<CommandName, (context: CommandContext, given: readonly string[]) => Promise<number>> = {
  scan: scanCommand,
  'quarantine list': quarantineList,
  'quarantine restore': quarantineRestore,
  'quarantine delete': quarantineDelete,
  'databases list': databasesList,
  'databases add': databasesAdd,
  'databases remove': databasesRemove,
  'databases test': databasesTest,
  'databases update': databasesUpdate,
  'databases roll-back': databasesRollBack,
  'databases publish': databasesPublish,
  bench: benchCommand,
}

const program = 'npm run -s cli --'
const exitError = 2

process.exitCode = await run(process.argv.slice(2))

async function run(argv: readonly string[]): Promise<number> {
  const line = parseLine(argv)
  if (line.kind === 'help') {
    process.stdout.write(helpText(program, line.command))
    return 0
  }
  if (line.kind === 'version') {
    process.stdout.write(`${engineVersion}\n`)
    return 0
  }
  if (line.kind === 'wrong') {
    process.stderr.write(`${line.problem}\n${hintText(program, line.command)}\n`)
    return exitError
  }
  const terminal = createTerminal({ out: process.stdout, err: process.stderr }, !line.options.json)
  const interrupted = interruption()
  try {
    const context = { options: line.options, terminal, env: process.env, programDir: import.meta.dirname, interrupted }
    return await commands[line.command](context, line.arguments)
  } catch (error) {
    terminal.note(`error: ${problemText(error)}`)
    return exitError
  }
}

function problemText(error: unknown): string {
  if (error instanceof ProductError) return error.message
  return `internal: ${error instanceof Error ? error.message : 'unknown'}`
}

/** The first interruption ends the command in order, the second one at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitError)
      controller.abort()
    })
  }
  // Whoever read our output is gone: nothing is left to be told.
  process.stdout.on('error', () => process.exit(exitError))
  return controller.signal
}
