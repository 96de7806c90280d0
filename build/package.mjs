// `npm run package`: builds the app and packages it as electron-builder.yml says. Adds only the Electron to use and the fuses'
// profile: `--e2e` is the flavour that tests can drive. Further arguments go to electron-builder (for example a target).
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inProject, root, say } from './project.mjs'

await ensureDependencies()
const { electronRuntime } = await import('./electron-runtime.mjs')
const { RELEASE_FUSES, TESTED_FUSES, wrongFuses } = await import('./fuses.mjs')

const tested = process.argv.includes('--e2e')
const fuses = tested ? TESTED_FUSES : RELEASE_FUSES
const output = tested ? 'release/e2e' : 'release'
const runtime = await electronRuntime()
await bundle()

const started = Date.now()
process.exitCode = runBuilder()
if (process.exitCode === 0) await verify()

function runBuilder() {
  const args = [
    inProject('node_modules/electron-builder/cli.js'),
    '--publish=never',
    `--config.electronDist=${runtime.folder}`,
    `--config.electronVersion=${runtime.version}`,
    `--config.directories.output=${output}`,
    `--config.electronFuses.enableNodeCliInspectArguments=${fuses.enableNodeCliInspectArguments}`,
    ...process.argv.slice(2).filter((argument) => argument !== '--e2e'),
  ]
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
}

/** A profile that was asked for is not a profile that is there: the binary itself is read. */
async function verify() {
  const folder = readdirSync(inProject(output)).find((name) => name.endsWith('-unpacked'))
  if (process.platform !== 'linux' || !folder) return
  const executable = inProject(output, folder, 'remote-protection')
  const wrong = await wrongFuses(executable, fuses)
  if (wrong.length > 0) {
    say('package', `wrong fuses: ${wrong.join(', ')}`)
    process.exitCode = 1
    return
  }
  say('package', `${path.relative(root, executable)}, Electron ${runtime.version}, ${Date.now() - started} ms`)
}
