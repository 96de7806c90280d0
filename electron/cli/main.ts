// The command line over the engine: reads the line, runs the command, turns its end into an exit code.
// Every rule is elsewhere.
import { ProductError } from '#shared/errors.ts'
import { engineVersion } from '../engine/databases/engine-version.ts'
import { benchCommand } from './bench-command.ts'
import type { CommandName } from './command-table.ts'
import { databasesAdd, databasesList, databasesRemove, databasesTest } from './databases-commands.ts'
import { exitCodes } from './exit-codes.ts'
import { databasesPublish, databasesRollBack, databasesUpdate } from './feed-commands.ts'
import { helpText, hintText } from './help-text.ts'
import { parseLine } from './options.ts'
import { printProblem, tellProblem } from './problems.ts'
import { quarantineDelete, quarantineList, quarantineRestore } from './quarantine-commands.ts'
import { givenArguments } from './raw-arguments.ts'
import { scanCommand } from './scan-command.ts'
import type { CommandContext } from './session.ts'
import { createTerminal, harmless } from './terminal.ts'

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

process.exitCode = await run(process.argv.slice(2))

async function run(argv: readonly string[]): Promise<number> {
  // Of a line that is not understood too: whoever reads the output as JSON is told there.
  const json = argv.includes('--json')
  const terminal = createTerminal({ out: process.stdout, err: process.stderr }, !json)
  const interrupted = interruption()
  try {
    const line = parseLine(givenArguments(argv))
    if (line.kind === 'help') process.stdout.write(helpText(program, line.command))
    else if (line.kind === 'version') process.stdout.write(`${engineVersion}\n`)
    else if (line.kind === 'wrong') {
      terminal.note(`${harmless(line.problem)}\n${hintText(program, line.command)}`)
      if (json) printProblem(terminal, new ProductError('bad-request', line.problem))
      return exitCodes.error
    } else {
      const context = {
        options: line.options,
        terminal,
        env: process.env,
        programDir: import.meta.dirname,
        interrupted,
      }
      return await commands[line.command](context, line.arguments)
    }
    return exitCodes.nothing
  } catch (error) {
    tellProblem(terminal, json, error)
    return exitCodes.error
  }
}

/** The first interruption ends the command in order, the second one at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitCodes.error)
      controller.abort()
    })
  }
  // Whoever read our output is gone: nothing is left to be told.
  process.stdout.on('error', () => process.exit(exitCodes.error))
  return controller.signal
}
