// `bench PATH...`: how fast this computer scans these paths the first time and again. Reads only; treats nothing.
// Owns the figures that are printed; comparisons with other programs are not its business (bench/).
import { ProductError } from '#shared/errors.ts'
import { excludedPaths, type FinishedScan, runScan, scanRoots, workersFor } from './scan-run.ts'
import { type CommandContext, withEngine } from './session.ts'

interface Measured {
  readonly name: string
  readonly seconds: number
  readonly files: number
  readonly bytes: number
}

/** 0 whatever is found: this measures. Throws when one of the paths cannot be scanned. */
export async function benchCommand(context: CommandContext, paths: readonly string[]): Promise<number> {
  const { roots, unusable } = scanRoots(paths)
  if (unusable[0] !== undefined) throw unusable[0].error
  const started = performance.now()
  return withEngine(context, { workers: workersFor(context, roots), treats: false }, async (link) => {
    const startMs = performance.now() - started
    const info = await link.client.call('engine.info', {})
    const exclude = excludedPaths(context)
    const job = { paths: roots.map(({ path }) => path), exclude, onDetected: () => {}, onNotScanned: () => {} }
    const first = await runScan(context, link, { ...job, ignoreCache: true })
    const again = await runScan(context, link, { ...job, ignoreCache: false })
    const measured = [figure('every file', first), figure('repeated', again)]
    if (context.options.json) {
      context.terminal.print(
        JSON.stringify({ type: 'bench', startMs: Math.round(startMs), workers: info.workers, measured }),
      )
      return 0
    }
    const { databases } = info
    context.terminal.print(
      `${databases.hashSignatures} hash signatures, ${databases.rules} rules, ${info.workers} threads`,
    )
    context.terminal.print(`${(startMs / 1000).toFixed(2)} s  to start with databases loaded`)
    for (const each of measured) context.terminal.print(lineOf(each))
    return 0
  })
}

function figure(name: string, { counters, durationMs, outcome }: FinishedScan): Measured {
  if (outcome !== 'completed') throw new ProductError(outcome === 'stopped' ? 'aborted' : 'internal')
  return { name, seconds: durationMs / 1000, files: counters.files, bytes: counters.bytes }
}

function lineOf({ name, seconds, files, bytes }: Measured): string {
  const rate = (amount: number) => (seconds === 0 ? 0 : amount / seconds)
  return `${seconds.toFixed(2)} s  ${name}: ${files} files, ${Math.round(rate(files))} files/s, ${(rate(bytes) / 1e6).toFixed(1)} MB/s`
}
