// The least of a tree that makes a scan load every set of rules which the whole tree makes it load: what is measured over it is
// start and loading alone.
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Contents above this size are asked of another set (engine/detect/split-engine.ts). */
const large = 1024 * 1024

/** Copies the smallest file of each kind that has rules of its own: programs for Windows, large contents, all others. */
export function writeLoadingTree(tree: string, folder: string): void {
  const smallest = new Map<string, { readonly file: string; readonly size: number }>()
  for (const name of readdirSync(tree)) {
    const file = join(tree, name)
    const { size } = statSync(file)
    if (size === 0) continue
    const kind = kindOf(file, size)
    const known = smallest.get(kind)
    if (known === undefined || size < known.size) smallest.set(kind, { file, size })
  }
  mkdirSync(folder)
  for (const [kind, { file }] of smallest) copyFileSync(file, join(folder, kind))
}

function kindOf(file: string, size: number): 'windows-program' | 'large' | 'other' {
  const start = Buffer.alloc(2)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start, 0, 2, 0)
  } finally {
    closeSync(handle)
  }
  if (start.toString('latin1') === 'MZ') return 'windows-program'
  return size > large ? 'large' : 'other'
}
