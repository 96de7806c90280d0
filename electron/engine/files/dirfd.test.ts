// Folders held open: reading a file leaves no trace on it.
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asOrdinaryUser, isRoot } from '../treat/testing/ordinary-user.ts'
import { Folder } from './dirfd.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dirfd-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function read(name: string): string {
  const folder = Folder.open(Buffer.from(root))
  try {
    const fd = folder.openFile(Buffer.from(name))
    const bytes = Buffer.alloc(100)
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    closeSync(fd)
    return bytes.toString('utf8', 0, length)
  } finally {
    folder.close()
  }
}

describe('a file that is opened for reading', () => {
  it('keeps the time of its last reading', () => {
    const file = join(root, 'file')
    writeFileSync(file, 'content')
    // Older than the content: any ordinary reading would move it.
    const longAgo = new Date('2001-02-03T04:05:06Z')
    utimesSync(file, longAgo, new Date())
    expect(read('file')).toBe('content')
    expect(statSync(file).atime).toEqual(longAgo)
  })

  it.runIf(isRoot)('can be read by whoever is not its owner, too', () =>
    asOrdinaryUser(() => {
      process.seteuid?.(0)
      writeFileSync(join(root, 'file'), 'content')
      chmodSync(root, 0o755)
      process.seteuid?.(65_534)
      expect(read('file')).toBe('content')
      expect(readFileSync(join(root, 'file'), 'utf8')).toBe('content')
    }),
  )
})
