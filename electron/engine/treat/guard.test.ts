import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGuard, type Guard } from './guard.ts'

let root = ''
let guard: Guard
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guard-'))
  mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true })
  const sum = createHash('md5').update('tool').digest('hex')
  writeFileSync(join(root, 'var/lib/dpkg/info/tool.md5sums'), `${sum}  usr/bin/tool\n${sum}  bin/old-tool\n`)
  mkdirSync(join(root, 'data'))
  guard = createGuard({
    installation: ['/srv/product'],
    dataDirs: [join(root, 'data')],
    root,
    kernelRelease: '6.1.0-test',
  })
})
afterEach(() => rmSync(root, { recursive: true }))

const check = (path: string, content = 'other'): Promise<string | undefined> =>
  guard.check({ path: Buffer.from(path), md5: () => Promise.resolve(createHash('md5').update(content).digest('hex')) })

describe('the guard of system files', () => {
  it('protects files of packages while they are as the package made them', async () => {
    expect(await check('/usr/bin/tool', 'tool')).toBe('package-file')
    expect(await check('/usr/bin/old-tool', 'tool')).toBe('package-file')
    expect(await check('/usr/bin/tool', 'changed')).toBeUndefined()
    expect(await check('/usr/bin/other', 'tool')).toBeUndefined()
    expect(await check('/home/me/usr/bin/tool', 'tool')).toBeUndefined()
  })

  it('protects kernel, modules, C library and loader', async () => {
    for (const path of ['/boot/vmlinuz-6', '/lib/modules/6.1.0-test/x.ko', '/usr/lib/modules/6.1.0-test/x.ko']) {
      expect(await check(path)).toBe('kernel')
    }
    expect(await check('/lib/modules/5.0/x.ko')).toBeUndefined()
    for (const path of [
      '/usr/lib/x86_64-linux-gnu/libc.so.6',
      '/lib64/ld-linux-x86-64.so.2',
      '/lib/ld-musl-x86_64.so.1',
    ]) {
      expect(await check(path)).toBe('system-library')
    }
    expect(await check('/home/me/libc.so.6')).toBeUndefined()
  })

  it('protects our own program and data, and the folders of the system that hold no files', async () => {
    expect(await check(process.execPath)).toBe('own-installation')
    expect(await check('/srv/product/engine.js')).toBe('own-installation')
    expect(await check('/srv/productive/file')).toBeUndefined()
    expect(await check(join(root, 'data/quarantine/aa/x.q'))).toBe('own-data')
    expect(await check('/proc/1/exe')).toBe('system-folder')
    expect(await check('/dev/sda')).toBe('system-folder')
    expect(await check('/dev/shm/evil')).toBeUndefined()
  })
})
