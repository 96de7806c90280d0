// Looks everywhere for entries that start a file by themselves: the table of all kinds. Never changes anything.
import type { AutostartKind } from '#shared/domain/treatment.ts'
import { accountsOf, aimAt, type BadFile } from './aim.ts'
import { findInAtJobs } from './at.ts'
import { findInCron } from './cron.ts'
import { findInDesktop } from './desktop.ts'
import type { Finder, FoundFile, Look } from './entry.ts'
import { findInInit, findInRcLocal } from './init.ts'
import { findInEnvironment, findInPreload } from './lists.ts'
import { findInModuleLists } from './modules.ts'
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
  module: findInModuleLists,
}

/** Files changed for one bad file, at most. */
const mostFiles = 100

/** What every kind is looked for with. `homes`: whose entries count; `all`: everybody's on the machine. */
export function lookFor(tree: Tree, homes: 'all' | readonly string[], bad: BadFile): Look {
  const accounts = accountsOf(tree)
  const folders = homes === 'all' ? accounts.map(({ home }) => home) : homes
  const real = [...new Set(folders.flatMap((home) => tree.resolve(home) ?? []))].filter((home) => home !== '/')
  return { tree, aim: aimAt(tree, bad), accounts, homes: real, module: bad.module }
}

/** Each file once; the bad file itself is none. */
export function findAutostart(tree: Tree, homes: 'all' | readonly string[], bad: BadFile): FoundFile[] {
  const look = lookFor(tree, homes, bad)
  const found = new Map<string, FoundFile>()
  const own = tree.within(bad.path)
  for (const file of Object.values(finders).flatMap((find) => find(look))) {
    if (file.path !== own && !found.has(file.path)) found.set(file.path, file)
  }
  return [...found.values()].slice(0, mostFiles)
}
