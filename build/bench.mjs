// `npm run bench`: builds the app and the measurements (bench/run.ts), then runs them with what was given as arguments.
// The measurements themselves own what they compare with and print.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inProject, root, say } from './project.mjs'

await ensureDependencies()
const { electronRuntime } = await import('./electron-runtime.mjs')
await electronRuntime()
await bundle({ bench: true })
const entry = inProject('out/bench/run.js')
if (existsSync(entry)) {
  // The heap can be emptied between measurements, so that memory figures mean something.
  const args = ['--expose-gc', '--enable-source-maps', entry, ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
} else {
  say('bench', 'there are no measurements (bench/run.ts)')
  process.exitCode = 1
}
