import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeAtomically } from './atomic-write.ts'
import { hashOf, readWhole, writeAll } from './content.ts'
import { Folder, partsOf, splitPath, withParent } from './dirfd.ts'
import { errnoOf, withProductErrors } from './fs-errors.ts'
import { identityOf, sameBirth, sameFile } from './identity.ts'
import { openJournal } from './journal.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const openHandles = (): number => readdirSync('/proc/self/fd').length
const codeIn = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return errnoOf(error) ?? (error instanceof Error ? error.message : undefined)
  }
}
const fullDisk = (): never => {
  throw Object.assign(new Error('full'), { code: 'ENOSPC' })
}

const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code })
}

describe('folder handles', () => {
  it('open, rename, link and unlink hostile names', () => {
    const name = Buffer.from([0xff, 0x0a, 0x20])
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'x')
    const before = openHandles()
    const folder = Folder.open(Buffer.from(root))
    const fd = folder.openFile(name)
    expect(fstatSync(fd).isFile()).toBe(true)
    closeSync(fd)
    folder.link(name, folder, Buffer.from('second'))
    expect(codeIn(() => folder.link(name, folder, Buffer.from('second')))).toBe('EEXIST')
    folder.rename(name, folder, Buffer.from('third'))
    folder.unlink(Buffer.from('second'))
    folder.sync()
    folder.close()
    folder.close()
    expect(readdirSync(root)).toEqual(['third'])
    expect(openHandles()).toBe(before)
  })

  it('refuse links on the way and as the last part, and leave no handle open', () => {
    mkdirSync(join(root, 'real/deep'), { recursive: true })
    writeFileSync(join(root, 'real/file'), 'x')
    symlinkSync('real', join(root, 'link'))
    symlinkSync('file', join(root, 'real/alias'))
    const before = openHandles()
    expect(codeIn(() => Folder.open(Buffer.from(join(root, 'link/deep'))))).toBe('ENOTDIR')
    expect(codeIn(() => Folder.open(Buffer.from(join(root, 'nothing'))))).toBe('ENOENT')
    const folder = Folder.open(Buffer.from(join(root, 'real')))
    expect(codeIn(() => folder.openFile(Buffer.from('alias')))).toBe('ELOOP')
    expect(codeIn(() => folder.openFile(Buffer.from('..')))).toBe('bad-path')
    expect(codeIn(() => folder.openFile(Buffer.from('a/b')))).toBe('bad-path')
    folder.close()
    expect(codeIn(() => folder.lstat(Buffer.from('file')))).toMatch(/after close/)
    expect(openHandles()).toBe(before)
  })

  it('go on meaning the same folder when its path is swapped for a link', async () => {
    mkdirSync(join(root, 'a'))
    mkdirSync(join(root, 'b'))
    writeFileSync(join(root, 'a/x'), 'right')
    writeFileSync(join(root, 'b/x'), 'wrong')
    await withParent(Buffer.from(join(root, 'a/x')), (folder, name) => {
      const outer = Folder.open(Buffer.from(root))
      outer.rename(Buffer.from('a'), outer, Buffer.from('c'))
      symlinkSync('b', join(root, 'a'))
      outer.close()
      folder.unlink(name)
    })
    expect(readFileSync(join(root, 'b/x'), 'utf8')).toBe('wrong')
    expect(readdirSync(join(root, 'c'))).toEqual([])
  })

  it('give a file a name that is free and replace nothing, with the call of the system and without it', () => {
    const noCall = { renameNoReplace: failing('EINVAL') }
    for (const calls of [undefined, null, noCall]) {
      const folder = Folder.open(Buffer.from(root))
      const rename = (from: string, to: string) =>
        folder.renameToFree(Buffer.from(from), folder, Buffer.from(to), ...(calls === undefined ? [] : [calls]))
      writeFileSync(join(root, 'mine'), 'mine')
      writeFileSync(join(root, 'taken'), 'taken')
      symlinkSync('nowhere', join(root, 'link'))
      expect(rename('mine', 'taken')).toBe(false)
      expect(rename('mine', 'link')).toBe(false)
      expect(rename('mine', 'free')).toBe(true)
      expect(readdirSync(root).sort()).toEqual(['free', 'link', 'taken'])
      expect(readFileSync(join(root, 'taken'), 'utf8')).toBe('taken')
      // What a crash between the two steps of the second way leaves: the same file under both names.
      folder.link(Buffer.from('free'), folder, Buffer.from('again'))
      expect(rename('free', 'again')).toBe(true)
      expect(readdirSync(root).sort()).toEqual(['again', 'link', 'taken'])
      for (const name of readdirSync(root)) rmSync(join(root, name))
      folder.close()
    }
  })

  it('do not hide why a rename failed', () => {
    const folder = Folder.open(Buffer.from(root))
    writeFileSync(join(root, 'mine'), 'mine')
    const denied = { renameNoReplace: failing('EACCES') }
    expect(codeIn(() => folder.renameToFree(Buffer.from('mine'), folder, Buffer.from('free'), denied))).toBe('EACCES')
    expect(codeIn(() => folder.renameToFree(Buffer.from('a/b'), folder, Buffer.from('free')))).toBe('bad-path')
    folder.close()
  })

  it('split absolute paths and refuse others', () => {
    expect(partsOf(Buffer.from('//a/./b/')).map(String)).toEqual(['a', 'b'])
    expect(splitPath(Buffer.from('/a'))).toEqual({ folder: Buffer.from('/'), name: Buffer.from('a') })
    for (const path of ['a/b', '/a/../b', '/', '/a\0b'])
      expect(codeIn(() => splitPath(Buffer.from(path)))).toBe('bad-path')
  })
})

describe('identity', () => {
  it('is the same for the same file and another after a change', async () => {
    const file = join(root, 'f')
    writeFileSync(file, 'one')
    const fd = openSync(file, 'r')
    const identity = identityOf(fstatSync(fd, { bigint: true }), await hashOf(fd))
    expect(sameFile(identity, statSync(file, { bigint: true }))).toBe(true)
    writeFileSync(file, 'two')
    expect(sameFile(identity, statSync(file, { bigint: true }))).toBe(false)
    closeSync(fd)
  })

  it('tells a file that was given the number of another by its birth, where the file system keeps one', () => {
    const file = join(root, 'file')
    writeFileSync(file, 'x')
    const stat = statSync(file, { bigint: true })
    const seen = { ...identityOf(stat, 'a'.repeat(64)), ctimeNs: '7' }
    const born = (ns: bigint) => Object.assign(Object.create(stat), { birthtimeNs: ns }) as typeof stat
    expect(sameBirth({ ...seen, birthtimeNs: '1000' }, born(1000n))).toBe(true)
    expect(sameBirth({ ...seen, birthtimeNs: '1000' }, born(1001n))).toBe(false)
    expect(sameBirth({ ...seen, birthtimeNs: '0' }, born(1001n))).toBe(true)
    expect(sameBirth({ ...seen, birthtimeNs: '1000' }, born(0n))).toBe(true)
    // No birth time kept: ctime stands for it, and our own renames move that.
    expect(sameBirth({ ...seen, birthtimeNs: '7' }, born(stat.ctimeNs))).toBe(true)
  })

  it('refuses to read more than was allowed', async () => {
    writeFileSync(join(root, 'f'), Buffer.alloc(100))
    const fd = openSync(join(root, 'f'), 'r')
    await expect(readWhole(fd, 99)).rejects.toThrow('too-large')
    expect((await readWhole(fd, 100)).length).toBe(100)
    closeSync(fd)
  })
})

describe('writing a whole file', () => {
  it('replaces it, for our user alone, and leaves no temp file', () => {
    const file = join(root, 'f')
    writeAtomically(file, 'one')
    writeAtomically(file, 'two')
    expect(readFileSync(file, 'utf8')).toBe('two')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(root)).toEqual(['f'])
  })

  it('keeps the old content when the disk is full', () => {
    const file = join(root, 'f')
    writeAtomically(file, 'one')
    expect(codeIn(() => writeAtomically(file, 'two', fullDisk))).toBe('disk-full: ENOSPC')
    expect(readFileSync(file, 'utf8')).toBe('one')
    expect(readdirSync(root)).toEqual(['f'])
  })

  it('names the errors of the system by the codes of the product', () => {
    expect(codeIn(() => withProductErrors(() => readFileSync(join(root, 'no'))))).toBe('object-gone: ENOENT')
  })
})

describe('a journal', () => {
  const Line = z.strictObject({ n: z.number() })
  const file = (): string => join(root, 'j.jsonl')
  const read = (): { entries: readonly unknown[]; rejected: number } => {
    const opened = openJournal(file(), Line)
    opened.journal.close()
    opened.journal.close()
    return { entries: opened.entries, rejected: opened.rejected.length }
  }

  it('keeps every line over a restart', () => {
    const { journal } = openJournal(file(), Line)
    for (const n of [1, 2, 3]) journal.append({ n })
    journal.close()
    expect(read()).toEqual({ entries: [{ n: 1 }, { n: 2 }, { n: 3 }], rejected: 0 })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  it('drops a torn last line at every length, and goes on after it', () => {
    const whole = '{"n":1}\n{"n":2}\n'
    for (let length = 8; length < whole.length; length += 1) {
      writeFileSync(file(), whole.slice(0, length))
      const { journal, entries } = openJournal(file(), Line)
      expect(entries).toEqual([{ n: 1 }])
      journal.append({ n: 3 })
      journal.close()
      expect(read().entries).toEqual([{ n: 1 }, { n: 3 }])
    }
  })

  it('reports unreadable lines in the middle and keeps them aside', () => {
    writeFileSync(file(), '{"n":1}\ngarbage\n{"n":"x"}\n{"n":2}\n')
    expect(read()).toEqual({ entries: [{ n: 1 }, { n: 2 }], rejected: 2 })
    expect(read()).toEqual({ entries: [{ n: 1 }, { n: 2 }], rejected: 0 })
    expect(readFileSync(`${file()}.unreadable`, 'utf8')).toBe('garbage\n{"n":"x"}\n')
  })

  it('leaves no half line when the disk is full', () => {
    let room = 1000
    const { journal } = openJournal(file(), Line, (fd, bytes) => {
      writeAll(fd, bytes.subarray(0, room))
      if (bytes.length > room) fullDisk()
    })
    journal.append({ n: 1 })
    room = 3
    expect(codeIn(() => journal.append({ n: 2 }))).toBe('disk-full: ENOSPC')
    room = 1000
    journal.append({ n: 3 })
    journal.close()
    expect(read()).toEqual({ entries: [{ n: 1 }, { n: 3 }], rejected: 0 })
  })

  it('stays as it is when there is no room to compact it, and goes on', () => {
    let isFull = false
    const { journal } = openJournal(file(), Line, (fd, bytes) => {
      if (isFull) fullDisk()
      writeAll(fd, bytes)
    })
    for (const n of [1, 2, 3]) journal.append({ n })
    isFull = true
    journal.compact([{ n: 3 }])
    isFull = false
    journal.append({ n: 4 })
    journal.compact([{ n: 3 }, { n: 4 }])
    journal.append({ n: 5 })
    journal.close()
    expect(read().entries).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }])
  })

  it('is compacted at once and goes on', () => {
    const { journal } = openJournal(file(), Line)
    for (const n of [1, 2, 3]) journal.append({ n })
    journal.rewrite([{ n: 3 }])
    journal.append({ n: 4 })
    journal.close()
    expect(read().entries).toEqual([{ n: 3 }, { n: 4 }])
  })
})
