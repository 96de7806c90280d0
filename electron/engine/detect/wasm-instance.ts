// YARA-X as WebAssembly, as an instance that can be thrown away, and a time limit for calls into it. The package makes one
// instance for each process and keeps it also after a trap; its own time limit needs a thread that WebAssembly has not.
// Never goes on with an instance that threw: that is left to who uses it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { compileFunction, createContext, Script } from 'node:vm'

export type Yara = Pick<typeof import('@virustotal/yara-x'), 'Compiler' | 'initSync'>

const packages = createRequire(import.meta.url)
let caller: { readonly context: { act: (() => unknown) | null }; readonly script: Script } | undefined

/** A new instance, which is garbage as soon as nobody uses it. Throws when the package is missing or of an unknown form. */
export function newYara(): Yara {
  const folder = join(dirname(packages.resolve('@virustotal/yara-x/package.json')), 'pkg')
  const script = functionBody(readFileSync(join(folder, 'yara_x_js.js'), 'utf8'))
  // Without a registry for finalizers: what they would free later may be in an instance that is broken.
  const yara = compileFunction(`${script}\nreturn { Compiler, initSync }`, ['FinalizationRegistry'])(undefined) as Yara
  yara.initSync({ module: readFileSync(join(folder, 'yara_x_js_bg.wasm')) })
  return yara
}

/** The package's script without what only a module may say: as a module it is loaded once for each process. */
function functionBody(module: string): string {
  const body = module
    .replace(/^export (?=class |function )/gm, '')
    .replace(/^export \{[^}]*\};?$/gm, '')
    .replaceAll('import.meta.url', "''")
  if (/^export |^import |import\.meta/m.test(body)) throw new Error('YARA-X for WebAssembly is of an unknown form')
  return body
}

/** Ends the call after so long, wherever it is, and throws then. What it was working on is in pieces. */
export function within<T>(limitMs: number, act: () => T): T {
  caller ??= { context: createContext({ act: null }) as { act: null }, script: new Script('act()') }
  const { context, script } = caller
  context.act = act
  try {
    return script.runInContext(context, { timeout: Math.max(1, Math.round(limitMs)) }) as T
  } catch (error) {
    // An error of that other context is none for `instanceof`.
    if (isOver(error)) throw new Error('timed out', { cause: error })
    throw error
  } finally {
    context.act = null
  }
}

function isOver(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
