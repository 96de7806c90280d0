// A machine in a temp folder, for tests: a root with homes and system folders of its own, and a bad file in it.
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FoundFile } from '../autostart/entry.ts'
import { findAutostart } from '../autostart/find.ts'
import { treeBelow } from '../autostart/tree.ts'

export const home = '/home/u'
export const badPath = '/home/u/.cache/evil'

export interface Machine {
  readonly root: string
  /** Where a path of the machine really lies. */
  real(path: string): string
  write(path: string, content: string | Buffer): void
  link(path: string, target: string): void
  read(path: string): string
  /** Every file and link below the root: its content, or `-> target`. */
  all(): Record<string, string>
  /** What is found there for the bad file. */
  find(): FoundFile[]
  remove(): void
}

/** `root`: an empty folder; default: a new temp folder. */
export function createMachine(root = mkdtempSync(join(tmpdir(), 'machine-'))): Machine {
  const real = (path: string): string => join(root, path)
  const place = (path: string): string => {
    mkdirSync(dirname(real(path)), { recursive: true })
    return real(path)
  }
  const machine: Machine = {
    root,
    real,
    write: (path, content) => writeFileSync(place(path), content),
    link: (path, target) => symlinkSync(target, place(path)),
    read: (path) => readFileSync(real(path), 'latin1'),
    all: () => Object.fromEntries(namesBelow(root).map((name) => [`/${name}`, contentOf(join(root, name))])),
    find: () => {
      const { dev, ino } = statSync(real(badPath), { bigint: true })
      return findAutostart(treeBelow(root), [home], { path: Buffer.from(real(badPath)), inode: { dev, ino } })
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
  machine.write(badPath, 'bad')
  machine.write('/etc/passwd', `root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000:U:${home}:/bin/bash\n`)
  return machine
}

function namesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(join(root, name)).isDirectory())
    .sort()
}

function contentOf(path: string): string {
  return lstatSync(path).isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'latin1')
}
