// `npm test`: sets up like `npm start`, then runs everything: types, lint, layers, unit and integration, end to end.
// `npm test -- check | unit | e2e` runs a part; what follows is given on to that part's runner.
// The very last line it prints is `tests: N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inDesktopSession } from './desktop-session.mjs'
import { inProject, root, say } from './project.mjs'
import { ensureSystemPackages } from './system-packages.mjs'
import { playwrightCounts, vitestCounts } from './test-reports.mjs'

const reports = inProject('test-results')
const unitReport = inProject('test-results/unit.json')
const endToEndReport = inProject('test-results/e2e.json')

const STAGES = [
  { name: 'types', part: 'check', run: () => check('typescript/bin/tsc', '-b') },
  { name: 'lint', part: 'check', run: () => check('@biomejs/biome/bin/biome', 'check', '.') },
  { name: 'layers', part: 'check', run: () => verdict(run([process.execPath, inProject('build/check-layers.mjs')])) },
  { name: 'set-up', part: 'unit e2e', run: setUp },
  { name: 'unit', part: 'unit', run: unit },
  { name: 'end to end', part: 'e2e', run: endToEnd },
]

const [wanted, ...rest] = process.argv.slice(2)
const results = await runStages(STAGES.filter((stage) => !wanted || stage.part.split(' ').includes(wanted)))
process.exitCode = report(results)

async function runStages(stages) {
  mkdirSync(reports, { recursive: true })
  const ready = await attempt(ensureDependencies)
  if (!ready) return [{ name: 'dependencies', passed: 0, failed: 1, ms: 0 }]
  const results = []
  for (const stage of stages) {
    say('test', stage.name)
    const started = Date.now()
    // A stage that cannot even run has failed.
    const counts = (await attempt(stage.run)) ?? { passed: 0, failed: 1 }
    results.push({ name: stage.name, ...counts, ms: Date.now() - started })
  }
  return results
}

/** Not a test, so it counts nothing unless it fails. */
async function setUp() {
  ensureSystemPackages({ tests: true })
  const { electronRuntime } = await import('./electron-runtime.mjs')
  const { version } = await electronRuntime()
  say('test', `Electron ${version}, Node ${process.versions.node}`)
  await bundle({ e2e: true })
  return { passed: 0, failed: 0 }
}

function unit() {
  rmSync(unitReport, { force: true })
  const vitest = inProject('node_modules/vitest/vitest.mjs')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`, ...rest]
  const status = run(inDesktopSession([process.execPath, vitest, ...args]))
  return agreed(vitestCounts(unitReport), status)
}

function endToEnd() {
  rmSync(endToEndReport, { force: true })
  const playwright = inProject('node_modules/@playwright/test/cli.js')
  const args = ['test', '--config', 'e2e/playwright.config.ts', ...rest]
  const status = run(inDesktopSession([process.execPath, playwright, ...args]))
  return agreed(playwrightCounts(endToEndReport), status)
}

/** A runner that ends badly although it counted no failure has failed all the same. */
function agreed(counts, status) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function check(tool, ...args) {
  return verdict(run([process.execPath, inProject('node_modules', tool), ...args]))
}

function verdict(status) {
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function run([program, ...args]) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (result.error) say('test', result.error.message)
  return result.status ?? 1
}

async function attempt(work) {
  try {
    return (await work()) ?? true
  } catch (error) {
    say('test', error.stack ?? String(error))
    return undefined
  }
}

function report(results) {
  const total = { passed: 0, failed: 0 }
  console.log('')
  for (const { name, passed, failed, ms } of results) {
    total.passed += passed
    total.failed += failed
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`
    console.log(`${name.padEnd(12)} ${counts} ${(ms / 1000).toFixed(1).padStart(7)} s`)
  }
  console.log(`tests: ${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}
