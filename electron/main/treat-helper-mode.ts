// The mode in which the app's program is nothing but the helper that acts as administrator: no window, no client, no settings.
// Owns the choice of that mode; the helper itself is a file of its own beside the engine's.
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** SECURITY: only the starter in resources/polkit passes it, with arguments that nobody else can add to. */
export function isTreatHelper(args: readonly string[]): boolean {
  return args.includes('--treat-helper')
}

/** Ends the process when it is done. */
export async function runTreatHelper(): Promise<void> {
  await import(pathToFileURL(path.join(import.meta.dirname, 'treat-helper.js')).href)
}
