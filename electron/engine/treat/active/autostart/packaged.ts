// Tells whether an entry's file belongs to the system's packages as it is: then it stays, for the program that it starts comes back
// with its package. Never changes anything.
import { createHash } from 'node:crypto'
import { ProductError } from '#shared/errors.ts'
import type { Guard } from '../../guard.ts'
import { dpkgRecord } from '../../packages/dpkg.ts'
import type { FoundFile } from './entry.ts'
import type { Tree } from './tree.ts'

/**
 * True for a file that is exactly as a package brought it, settings files among them, and for what is never treated; also when
 * the records cannot be asked.
 */
export async function isPackaged(tree: Tree, guard: Guard, { path, change }: FoundFile): Promise<boolean> {
  const text = change.kind === 'unlink' ? undefined : tree.read(path)?.text
  if (text === undefined || change.kind === 'unlink') return false
  const md5 = createHash('md5').update(Buffer.from(text, 'latin1')).digest('hex')
  const { sha256 } = change.identity
  const sums = { md5: () => Promise.resolve(md5), sha256: () => Promise.resolve(sha256) }
  try {
    // By the records of the tree that it was found in; the guard asks those of the machine.
    if (await dpkgRecord(tree.real('/').toString(), { ...sums, path: Buffer.from(path, 'latin1') })) return true
    return (await guard.check({ ...sums, path: tree.real(path) })) !== undefined
  } catch (error) {
    if (error instanceof ProductError) return true
    throw error
  }
}
