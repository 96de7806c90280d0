import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { volumeFolderName } from '../files/own-names.ts'
import { parseMounts } from './mounts.ts'
import { type WalkEntry, walkArea } from './walk.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'walk-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const put = (name: string): void => {
  mkdirSync(join(dir, name, '..'), { recursive: true })
  writeFileSync(join(dir, name), name)
}
type NamedEntry = Exclude<WalkEntry, { kind: 'known' }>
const walk = (paths: readonly string[] = [''], exclude: readonly string[] = [], mounts = new Map()): NamedEntry[] =>
  [
    ...walkArea(
      paths.map((path) => Buffer.from(join(dir, path))),
      { exclude: exclude.map((path) => Buffer.from(join(dir, path))), mounts },
    ),
  ].filter((entry) => entry.kind !== 'known')
const names = (entries: readonly NamedEntry[]): string[] =>
  entries.map(
    (entry) =>
      `${entry.kind === 'file' ? '' : `${entry.reason} `}${entry.path.toString('latin1').slice(dir.length + 1)}`,
  )

describe('walkArea', () => {
  it('names files in the order of their bytes, depth first, and the same every time', () => {
    for (const name of ['b', 'a/z', 'a/b/c', 'a.txt', 'B', 'é', 'c/1', 'c/10', 'c/2']) put(name)
    const first = names(walk())
    expect(first).toEqual(['B', 'a/b/c', 'a/z', 'a.txt', 'b', 'c/1', 'c/10', 'c/2', 'Ã©'])
    expect(names(walk())).toEqual(first)
  })

  it('keeps names that are no UTF-8', () => {
    const path = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe, 0x0a])])
    writeFileSync(path, '')
    expect(walk().map((entry) => entry.path)).toEqual([path])
  })

  it('follows no link, also not into a loop, and says so for a link it was given (23)', () => {
    put('real/file')
    symlinkSync('..', join(dir, 'real/loop'))
    symlinkSync('/etc', join(dir, 'outside'))
    expect(names(walk())).toEqual(['real/file'])
    expect(names(walk(['outside']))).toEqual(['special-file outside'])
  })

  it('reports special files and missing paths and goes on (20)', () => {
    execFileSync('mkfifo', [join(dir, 'fifo')])
    put('x')
    expect(names(walk(['gone', '']))).toEqual(['vanished gone', 'special-file fifo', 'x'])
  })

  it('leaves out the private folder of a treatment, and no file for its name', () => {
    const hex = '0123456789abcdef01234567'
    const grab = volumeFolderName()
    for (const name of [`a/${grab}/.${hex}`, `${grab}/deep/x`]) put(name)
    const others = [`.${hex}.part`, `a/.${hex}.part`, `${grab}0/x`]
    for (const name of others) put(name)
    expect(names(walk()).sort()).toEqual([...others].sort())
    expect(names(walk([grab, `a/${grab}`]))).toEqual([])
  })

  it('leaves out what is excluded, with all below, and nothing that only begins alike', () => {
    for (const name of ['own/data/1', 'own/data2', 'own2/1']) put(name)
    expect(names(walk([''], ['own/data']))).toEqual(['own/data2', 'own2/1'])
    expect(names(walk(['own/data/1'], ['own']))).toEqual([])
  })

  it('names nothing twice when paths overlap', () => {
    for (const name of ['a/1', 'a/b/2']) put(name)
    expect(names(walk(['a/b', 'a', 'a/1', 'a/b/2/']))).toEqual(['a/b/2', 'a/1'])
    expect(names(walk(['a/1', 'a', 'a/1']))).toEqual(['a/1', 'a/b/2'])
  })

  it('tells which names are one file', () => {
    put('one')
    linkSync(join(dir, 'one'), join(dir, 'two'))
    const [one, two] = walk()
    if (one?.kind !== 'file' || two?.kind !== 'file') throw new Error('no files')
    expect([one.nlink, one.ino, one.dev]).toEqual([2, two.ino, two.dev])
  })

  it('leaves out kernel mounts, tells of networks, and walks one that was asked for', () => {
    for (const name of ['proc/1', 'share/2', 'disk/3']) put(name)
    const mounts = new Map([
      [join(dir, 'proc'), 'kernel' as const],
      [join(dir, 'share'), 'network' as const],
    ])
    expect(names(walk([''], [], mounts))).toEqual(['disk/3', 'network share'])
    expect(names(walk(['share'], [], mounts))).toEqual(['share/2'])
    expect(names(walk(['proc'], [], mounts))).toEqual(['special-file proc'])
  })

  it('walks a tree that is deeper than a stack', () => {
    let path = dir
    for (let depth = 0; depth < 600; depth += 1) path = join(path, 'd')
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'deep'), '')
    expect(walk()).toHaveLength(1)
  })
})

it('a mount table is read with its escapes; unknown FUSE counts as network', () => {
  const mounts = parseMounts(
    [
      '1 0 0:1 / / rw - ext4 /dev/sda1 rw',
      '2 1 0:2 / /proc rw shared:1 - proc proc rw',
      '3 1 0:3 / /mnt/my\\040share rw - cifs //x/y rw',
      '4 1 0:4 / /mnt/f rw - fuse.sshfs x rw',
      '5 1 0:5 / /mnt/g rw - fuse.mergerfs x rw',
    ].join('\n'),
  )
  expect(Object.fromEntries(mounts)).toEqual({
    '/': 'local',
    '/proc': 'kernel',
    '/mnt/my share': 'network',
    '/mnt/f': 'network',
    '/mnt/g': 'local',
  })
})
