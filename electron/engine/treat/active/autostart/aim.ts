// What entries are compared with: the bad file, by inode and by the place it has or had; and the homes that paths begin with.
// Never changes anything.
import type { Looked } from '../interpreters.ts'
import type { Homes } from './shell-words.ts'
import type { Tree } from './tree.ts'

/** The file in question. Without an inode (it is gone, or may be another file by now) only its place counts. */
export interface BadFile {
  readonly path: Buffer
  readonly inode?: { readonly dev: bigint; readonly ino: bigint } | undefined
  /** Name of the kernel module that was loaded from it, with `_` for `-`. */
  readonly module?: string | undefined
}

export interface Aim {
  /** What an absolute path of the machine leads to. */
  look(path: string): Looked
}

/** Different paths that one look follows: a script made of nothing but paths costs no more than this. */
const mostLooks = 20_000

export function aimAt(tree: Tree, bad: BadFile): Aim {
  const place = tree.within(bad.path)
  const known = new Map<string, Looked>()
  const lookAt = (path: string): Looked => {
    const resolved = tree.resolve(path)
    if (resolved === undefined || resolved === '/') return 'no-file'
    const there = tree.inode(resolved)
    // Its place alone counts only while nobody else has it.
    if (there === undefined) return resolved === place ? 'it' : 'no-file'
    if (bad.inode !== undefined && there.dev === bad.inode.dev && there.ino === bad.inode.ino) return 'it'
    return there.isFile ? 'other-file' : 'no-file'
  }
  return {
    look: (path) => {
      const seen = known.get(path) ?? (known.size < mostLooks ? lookAt(path) : 'no-file')
      known.set(path, seen)
      return seen
    },
  }
}

/** A person's account, as the system's list has it. */
export interface Account {
  readonly user: string
  readonly uid: number
  readonly home: string
}

/** The accounts of the machine; none where the list cannot be read. */
export function accountsOf(tree: Tree): Account[] {
  const lines = tree.read('/etc/passwd')?.text.split('\n') ?? []
  return lines.flatMap((line) => {
    const [user = '', , uid = '', , , home = ''] = line.split(':')
    return home.startsWith('/') && /^\d+$/.test(uid) ? [{ user, uid: Number(uid), home }] : []
  })
}

/** Homes as the commands of one user write them. */
export function homesFor(accounts: readonly Account[], home: string | undefined): Homes {
  return { home, homeOf: (user) => accounts.find((account) => account.user === user)?.home }
}
