// Looks everywhere for entries that start a file by themselves: the table of all kinds. Never changes anything.
import type { AutostartKind } from '#shared/domain/treatment.ts'
import { accountsOf, aimAt, type BadFile } from './aim.ts'
import { findInAtJobs } from './at.ts'
import { findInCron } from './cron.ts'
import { findInDesktop } from './desktop.ts'
import type { Finder, FoundFile } from './entry.ts'
import { findInInit, findInRcLocal } from './init.ts'
import { findInEnvironment, findInPreload } from './lists.ts'
import { findInShells } from './shell.ts'
import { findInSystemd } from './systemd.ts'
import type { Tree } from './tree.ts'
import { findInUdev } from './udev.ts'

const finders: Readonly<Record<AutostartKind, Finder>> = {
  systemd: findInSystemd,
  cron: findInCron,
  at: findInAtJobs,
  desktop: findInDesktop,
  shell: findInShells,
  preload: findInPreload,
  environment: findInEnvironment,
  udev: findInUdev,
  'rc-local': findInRcLocal,
  init: findInInit,
}

/** Files changed for one bad file, at most. */
const mostFiles = 100

/** `homes`: whose entries count; `all`: everybody's on the machine. Each file once; the bad file itself is none. */
export function findAutostart(tree: Tree, homes: 'all' | readonly string[], bad: BadFile): FoundFile[] {
  const aim = aimAt(tree, bad)
  const accounts = accountsOf(tree)
  const folders = homes === 'all' ? accounts.map(({ home }) => home) : homes
  const real = [...new Set(folders.flatMap((home) => tree.resolve(home) ?? []))].filter((home) => home !== '/')
  const look = { tree, aim, accounts, homes: real }
  const found = new Map<string, FoundFile>()
  const own = tree.within(bad.path)
  for (const file of Object.values(finders).flatMap((find) => find(look))) {
    if (file.path !== own && !found.has(file.path)) found.set(file.path, file)
  }
  return [...found.values()].slice(0, mostFiles)
}
