// Files that go into the image the machine boots from: a copy stays in it when they are removed, until it is made anew.
// Tells whether it was. Never touches the image: a person makes it anew, for one that cannot be made leaves no computer that starts.
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { within } from '../guard.ts'
import type { Machine } from './machine.ts'

const sources = [
  '/etc/initramfs-tools',
  '/usr/share/initramfs-tools',
  '/etc/dracut.conf',
  '/etc/dracut.conf.d',
  '/usr/lib/dracut',
  '/etc/mkinitcpio.conf',
  '/etc/mkinitcpio.conf.d',
  '/etc/mkinitcpio.d',
  '/etc/initcpio',
  '/usr/lib/initcpio',
].map((path) => Buffer.from(path))

export function isInBootImage(path: Buffer): boolean {
  return within(path, sources)
}

const mostFolders = 4
const mostNames = 2_000
/** The clock may have been set since the start. */
const clockMs = 60_000

/**
 * True when the image that the computer was started from was made before this moment (ms since the epoch), so that what was removed
 * then is still in it; also when no image can be found.
 */
export function isImageOlder(machine: Machine, removedMs: number): boolean {
  const all = ['boot', 'efi'].flatMap((folder) => imagesIn(join(machine.root, folder), mostFolders))
  const release = machine.read('/proc/sys/kernel/osrelease').trim()
  const own = all.filter((path) => release !== '' && path.includes(release))
  const madeMs = (own.length > 0 ? own : all).map(madeAt)
  // One that was made after this start is used by the next one.
  const startedMs = Number(/^btime (\d+)$/m.exec(machine.read('/proc/stat'))?.[1] ?? Number.POSITIVE_INFINITY) * 1000
  return !madeMs.some((made) => made > removedMs && made < startedMs + clockMs)
}

function imagesIn(folder: string, depth: number): string[] {
  const found = entriesIn(folder).slice(0, mostNames)
  return found.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return depth > 0 ? imagesIn(path, depth - 1) : []
    const isImage = /^(initrd|initramfs)/.test(entry.name) || /\/EFI\/Linux\/[^/]+\.efi$/i.test(path)
    return isImage ? [path] : []
  })
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // Not there, or not ours to read.
    return []
  }
}

function madeAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
