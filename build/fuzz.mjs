// `npm run fuzz`: gives the engine changed inputs for a while, in a child process, and prints what they cost and what broke.
//   --seconds 120   how long
//   --seed 1        another seed gives other inputs
//   --only zip,pdf  targets by name, format or group
//   --replay T:S:I  one input again, as it is named with a failure
// Ends with 1 when a rule was broken or the child died; the inputs that did it lie in out/fuzz/.
import { fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ensureDependencies } from './dependencies.mjs'
import { inProject, root, say } from './project.mjs'

/** So long one input may take before the child is ended: far more than any limit of the engine allows. */
const STUCK_MS = 60_000
const MIB = 1024 * 1024

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    replay: { type: 'string', default: '' },
  },
})
await ensureDependencies()
await bundleFuzzer()
const totals = new Map()
const problems = []
const endsAt = Date.now() + Number(values.seconds) * 1000
// A child that died is followed by one with another seed, so that it does not die of the same input.
for (let seed = Number(values.seed); ; seed += 1) {
  const end = await runChild(seed)
  if (end !== 'died' || values.replay !== '' || Date.now() >= endsAt) break
}
printFigures()
process.exitCode = problems.length === 0 ? 0 : 1

async function bundleFuzzer() {
  const { build } = await import('vite')
  await build({
    configFile: false,
    logLevel: 'warn',
    mode: 'production',
    root,
    build: {
      ssr: true,
      outDir: inProject('out/fuzz/code'),
      target: 'node20.18',
      sourcemap: true,
      minify: false,
      emptyOutDir: true,
      copyPublicDir: false,
      rolldownOptions: {
        input: { child: inProject('electron/engine/fuzz/testing/fuzz-child.ts') },
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}

/** `done`: it came to its end by itself; `died`: in the middle of an input; `not-started`: before the first one. */
function runChild(seed) {
  const folder = inProject('out/fuzz/failures')
  const seconds = Math.max(0, (endsAt - Date.now()) / 1000)
  const only = values.only.split(',').filter((word) => word !== '')
  const orders = { seed, seconds, only, replay: values.replay, folder }
  say('fuzz', `seed ${seed}, ${Math.round(seconds)} s`)
  const child = fork(inProject('out/fuzz/code/child.js'), [JSON.stringify(orders)], {
    cwd: root,
    // A heap of its own size, so that what grows without a bound is seen soon.
    execArgv: ['--enable-source-maps', '--max-old-space-size=1024'],
  })
  child.on('message', add)
  const watch = watchPlace(`${folder}/place`, () => child.kill('SIGKILL'))
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      const place = placeIn(`${folder}/place`)
      if (code !== 0) problems.push(`${place || 'before the first input'}: the process ended with ${signal ?? code}`)
      resolve(code === 0 ? 'done' : place === '' ? 'not-started' : 'died')
    })
  })
}

function watchPlace(file, onStuck) {
  let last = ''
  let since = Date.now()
  return setInterval(() => {
    const place = placeIn(file)
    if (place !== last) [last, since] = [place, Date.now()]
    else if (Date.now() - since > STUCK_MS) onStuck()
  }, 1000)
}

function placeIn(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

function add({ target, failures, ...turn }) {
  const total = totals.get(target) ?? { mutants: 0, cpuMs: 0, slowestMs: 0, slowest: '', mostGrowth: 0, failures: 0 }
  if (turn.slowestMs > total.slowestMs) Object.assign(total, { slowestMs: turn.slowestMs, slowest: turn.slowest })
  total.mutants += turn.mutants
  total.cpuMs += turn.cpuMs
  total.mostGrowth = Math.max(total.mostGrowth, turn.mostGrowth)
  total.failures += failures.length
  totals.set(target, total)
  for (const { place, problem, file } of failures) problems.push(`${place}: ${problem}\n  ${file}`)
}

function printFigures() {
  console.log(row(['target', 'mutants', 'exec/s', 'slowest', 'growth', 'failures', '']))
  for (const [name, total] of totals) console.log(row(columnsOf(name, total)))
  const sum = { mutants: 0, cpuMs: 0, slowestMs: 0, slowest: '', mostGrowth: 0, failures: 0 }
  for (const total of totals.values()) {
    if (total.slowestMs > sum.slowestMs) Object.assign(sum, { slowestMs: total.slowestMs, slowest: total.slowest })
    sum.mutants += total.mutants
    sum.cpuMs += total.cpuMs
    sum.mostGrowth = Math.max(sum.mostGrowth, total.mostGrowth)
    sum.failures += total.failures
  }
  console.log(row(columnsOf('all', sum)))
  for (const problem of problems) console.log(`\n${problem}`)
}

/** `exec/s` is of processor time, so that a busy machine changes it little. */
function columnsOf(name, { mutants, cpuMs, slowestMs, slowest, mostGrowth, failures }) {
  const perSecond = cpuMs === 0 ? 0 : (mutants * 1000) / cpuMs
  const growth = `${Math.round(mostGrowth / MIB)} MB`
  return [name, mutants, perSecond.toFixed(0), `${slowestMs.toFixed(0)} ms`, growth, failures, slowest]
}

function row([name, ...columns]) {
  const [last, ...numbers] = [...columns].reverse()
  return (
    name.padEnd(22) +
    numbers
      .reverse()
      .map((text) => String(text).padStart(10))
      .join('') +
    `  ${last}`
  )
}
