// `npm run bench`: builds the product and the measurements (bench/run.ts), then runs them with what was given as arguments:
// names of measurements, or nothing for all. The measurements themselves own what they compare with and print.
import { spawnSync } from 'node:child_process'
import { bundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { inDesktopSession } from './desktop-session.mjs'
import { inProject, root, say } from './project.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

await ensureDependencies()
ensureSystemPackages({ tests: true })
const { electronRuntime } = await import('./electron-runtime.mjs')
const runtime = await electronRuntime()
say('bench', `Electron ${runtime.version}, Node ${process.versions.node}`)
await bundle({ e2e: true })
await bundleMeasurements()
const command = [process.execPath, '--enable-source-maps', inProject('out/bench/run.js'), ...process.argv.slice(2)]
// A display and a keyring of their own, so that nothing of the person's session is in the figures or changed by them.
const [program, ...args] = inDesktopSession(command)
process.exitCode = spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status ?? 1

/** The measurements drive the product from outside; every package stays outside of their bundle, test tools among them. */
async function bundleMeasurements() {
  const { build } = await import('vite')
  await build({
    configFile: false,
    logLevel: 'warn',
    mode: 'production',
    root,
    build: {
      ssr: true,
      outDir: inProject('out/bench'),
      target: 'node20.18',
      sourcemap: true,
      minify: false,
      emptyOutDir: true,
      copyPublicDir: false,
      rolldownOptions: {
        input: { run: inProject('bench/run.ts'), 'raw-patterns': inProject('bench/raw-patterns.ts') },
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}
