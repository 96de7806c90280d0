// Runs the measurements that are named, or all, one after the other; prints each as a table and keeps it in bench/results.
import { commandLineStart } from './measurements/command-line-start.ts'
import { engine } from './measurements/engine.ts'
import { engineMemory } from './measurements/engine-memory.ts'
import { falseAlarms } from './measurements/false-alarms.ts'
import { hashes } from './measurements/hashes.ts'
import { loadCeiling } from './measurements/load-ceiling.ts'
import { pageClick } from './measurements/page-click.ts'
import { patterns } from './measurements/patterns.ts'
import { pauseLatency } from './measurements/pause.ts'
import { remoteScan } from './measurements/remote-scan.ts'
import { repeatScan } from './measurements/repeat-scan.ts'
import { signatureLoad } from './measurements/signature-load.ts'
import { startUp } from './measurements/start-up.ts'
import { type Findings, printFindings, saveFindings } from './support/figures.ts'
import { whenQuiet } from './support/machine.ts'
import { within } from './support/wait.ts'

const measurements: Readonly<Record<string, () => Promise<Findings>>> = {
  'start-up': startUp,
  'remote-scan': remoteScan,
  'page-click': pageClick,
  engine,
  patterns,
  hashes,
  'repeat-scan': repeatScan,
  'engine-memory': engineMemory,
  pause: pauseLatency,
  'load-ceiling': loadCeiling,
  'command-line-start': commandLineStart,
  'signature-load': signatureLoad,
  'false-alarms': falseAlarms,
}

const mostMs = 15 * 60_000
/** BENCH_QUIET_MS: how long to wait for a quiet machine before each measurement. */
const quietMs = Number(process.env.BENCH_QUIET_MS ?? 120_000)

// Folders are removed on exit; a signal alone would not get that far.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in measurements))
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are: ${Object.keys(measurements).join(', ')}`)
  process.exit(2)
}

let failed = 0
for (const name of named.length > 0 ? named : Object.keys(measurements)) {
  try {
    await measure(name)
  } catch (error) {
    failed += 1
    console.error(`${name}: ${error instanceof Error ? error.stack : String(error)}`)
  }
}
process.exit(failed === 0 ? 0 : 1)

async function measure(name: string): Promise<void> {
  const around = await whenQuiet(quietMs)
  const started = Date.now()
  const findings = await within(name, mostMs, measurements[name]?.() ?? Promise.reject(new Error(name)))
  printFindings(name, findings, around)
  saveFindings(name, findings, around)
  console.log(`  (${((Date.now() - started) / 1000).toFixed(0)} s)`)
}
