// Tells whether an entry's file belongs to the system's packages as it is: then it stays, for the program that it starts comes back
// with its package. Never changes anything.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import type { Guard } from '../../guard.ts'
import type { FoundFile } from './entry.ts'
import type { Tree } from './tree.ts'

const packageStatus = '/var/lib/dpkg/status'

/**
 * True for a file that is exactly as a package brought it, settings files among them, and for what is never treated; also when
 * the records cannot be asked.
 */
export async function isPackaged(tree: Tree, guard: Guard, { path, change }: FoundFile): Promise<boolean> {
  const text = change.kind === 'unlink' ? undefined : tree.read(path)?.text
  if (text === undefined || change.kind === 'unlink') return false
  const md5 = createHash('md5').update(Buffer.from(text, 'latin1')).digest('hex')
  if (listed(tree).includes(`\n ${path} ${md5}\n`)) return true
  const { sha256 } = change.identity
  try {
    const file = { path: tree.real(path), md5: () => Promise.resolve(md5), sha256: () => Promise.resolve(sha256) }
    return (await guard.check(file)) !== undefined
  } catch (error) {
    if (error instanceof ProductError) return true
    throw error
  }
}

/** The packages' list of settings files with their sums; empty where there is none. */
function listed(tree: Tree): string {
  try {
    return readFileSync(tree.real(packageStatus), 'latin1')
  } catch {
    return ''
  }
}
