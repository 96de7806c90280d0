// Where the project lies, from a source file and from the bundle in out/bench alike: both are two folders below it.
import { join } from 'node:path'

export const projectRoot = join(import.meta.dirname, '..', '..')

export function inProject(...parts: string[]): string {
  return join(projectRoot, ...parts)
}
