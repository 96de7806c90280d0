// The engine's entries as tests run them: the product's own build, and hosts whose scanner misbehaves when told to.
// Used by tests only.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { rolldown } from 'rolldown'

export const projectDir = path.resolve(import.meta.dirname, '../../..')
export const builtDir = path.join(projectDir, 'out/main')
const faultyDir = path.join(projectDir, 'out/tests/engine-host')

/** Makes sure that out/main is what the sources say. */
export function buildProduct(): void {
  execFileSync(process.execPath, ['build/bundle.mjs', 'main'], { cwd: projectDir, stdio: 'ignore' })
}

/** Bundles the faulty host and its worker; returns the host's file. They lie in the project, where packages are found. */
export async function buildFaultyHost(): Promise<string> {
  for (const name of ['faulty-host', 'faulty-worker']) {
    const bundle = await rolldown({
      input: path.join(import.meta.dirname, `${name}.ts`),
      platform: 'node',
      external: (id) => !id.startsWith('.') && !id.startsWith('#') && !path.isAbsolute(id),
    })
    await bundle.write({ file: path.join(faultyDir, `${name}.mjs`), format: 'esm', codeSplitting: false })
  }
  return path.join(faultyDir, 'faulty-host.mjs')
}
