import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
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

const digest = (algorithm: string, content: string) => createHash(algorithm).update(content).digest('hex')
const check = (path: string, content = 'other', by = guard): Promise<string | undefined> =>
  by.check({
    path: Buffer.from(path),
    md5: () => Promise.resolve(digest('md5', content)),
    sha256: () => Promise.resolve(digest('sha256', content)),
  })

describe('the guard of system files', () => {
  it('protects files of packages while they are as the package made them', async () => {
    expect(await check('/usr/bin/tool', 'tool')).toBe('package-file')
    expect(await check('/usr/bin/old-tool', 'tool')).toBe('package-file')
    expect(await check('/usr/bin/tool', 'changed')).toBeUndefined()
    expect(await check('/usr/bin/other', 'tool')).toBeUndefined()
    expect(await check('/home/me/usr/bin/tool', 'tool')).toBeUndefined()
  })

  it('protects kernel, modules, C library and loader', async () => {
    for (const path of [
      '/boot/initrd.img-6.1.0',
      '/boot/grub/grub.cfg',
      '/boot/efi/EFI/debian/shimx64.efi',
      '/efi/x.efi',
    ]) {
      expect(await check(path)).toBe('boot')
    }
    for (const path of [
      '/boot/vmlinuz-6',
      '/boot/System.map-6.1',
      '/lib/modules/6.1.0-test/x.ko',
      '/usr/lib/modules/6.1.0-test/x.ko',
    ]) {
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

  it('protects what starting and signing in need, where the system keeps it, whatever its content is', async () => {
    for (const path of [
      '/usr/lib/systemd/systemd',
      '/lib/systemd/systemd-logind',
      '/usr/bin/login',
      '/sbin/agetty',
      '/usr/lib/polkit-1/polkitd',
      '/usr/libexec/polkitd',
      '/usr/lib/x86_64-linux-gnu/security/pam_unix.so',
      '/lib64/security/pam_systemd.so',
      '/usr/lib/x86_64-linux-gnu/libpam.so.0.85.1',
      '/usr/lib/systemd/libsystemd-shared-252.so',
      '/etc/passwd',
      '/etc/pam.d/common-auth',
      '/etc/sudoers',
      '/etc/fstab',
    ])
      expect(await check(path), path).toBe('essential')
    for (const path of [
      '/home/me/login',
      '/tmp/usr/bin/login',
      '/usr/bin/login-evil',
      '/usr/local/bin/systemd',
      '/etc/sudoers.d/evil',
      '/etc/pam.d/evil',
      '/etc/passwd-evil',
      '/usr/lib/x86_64-linux-gnu/security/pam_evil.so',
      '/usr/bin/login\n',
    ])
      expect(await check(path), path).toBeUndefined()
  })
})

function put(path: string, content: string | Buffer): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

const anew = (): Guard => createGuard({ installation: [], dataDirs: [], root })

describe("dpkg's settings files", () => {
  it('are protected while they are as their package brought them', async () => {
    const sum = digest('md5', 'settings')
    put(
      'var/lib/dpkg/status',
      `Package: tool\nConffiles:\n /etc/tool.conf ${sum}\n /etc/old ${sum} obsolete\nDescription: x\n`,
    )
    expect(await check('/etc/tool.conf', 'settings', anew())).toBe('package-file')
    expect(await check('/etc/tool.conf', 'changed', anew())).toBeUndefined()
    expect(await check('/etc/old', 'settings', anew())).toBeUndefined()
    expect(await check('/etc/tool', 'settings', anew())).toBeUndefined()
  })

  it.runIf(existsSync('/var/lib/dpkg/status'))('by the record of this very machine', async () => {
    const lines = readFileSync('/var/lib/dpkg/status', 'utf8').matchAll(/^ (\/etc\/\S+) ([0-9a-f]{32})$/gm)
    const unchanged = [...lines].filter(([, path = '', sum]) => {
      const isFile = existsSync(path) && realpathSync(path) === path
      return isFile && createHash('md5').update(readFileSync(path)).digest('hex') === sum
    })
    expect(unchanged.length).toBeGreaterThan(0)
    const real = createGuard({ installation: [], dataDirs: [] })
    for (const [, path = '', sum = ''] of unchanged.slice(0, 20)) {
      const reason = await real.check({ path: Buffer.from(path), md5: () => Promise.resolve(sum) })
      expect(['package-file', 'essential', 'boot'], path).toContain(reason)
    }
  })
})

describe('the records of other package managers', () => {
  it('protect files of pacman packages while they are as they came', async () => {
    put('var/lib/pacman/local/tool-1/files', '%FILES%\nusr/\nusr/bin/\nusr/bin/arch tool\nusr/bin/old\n')
    const mtree = [
      '#mtree',
      '/set type=file uid=0 gid=0 mode=755',
      './usr time=1.0 type=dir',
      `./usr/bin/arch\\040tool time=1.0 size=4 md5digest=${digest('md5', 'tool')} sha256digest=${digest('sha256', 'tool')}`,
      `./usr/bin/old time=1.0 size=4 md5digest=${digest('md5', 'old')}`,
    ].join('\n')
    put('var/lib/pacman/local/tool-1/mtree', gzipSync(mtree))
    put('var/lib/pacman/local/broken-1/files', '%FILES%\nusr/bin/broken\n')
    put('var/lib/pacman/local/broken-1/mtree', 'not gzip')
    expect(await check('/usr/bin/arch tool', 'tool', anew())).toBe('package-file')
    expect(await check('/usr/bin/old', 'old', anew())).toBe('package-file')
    expect(await check('/usr/bin/arch tool', 'changed', anew())).toBeUndefined()
    expect(await check('/usr/bin/arch', 'tool', anew())).toBeUndefined()
    expect(await check('/usr/bin/broken', 'tool', anew())).toBeUndefined()
  })

  /** Answers as rpm does; the database behind it is the business of that program. */
  function rpm(script: string): void {
    put('var/lib/rpm/rpmdb.sqlite', 'x')
    put('usr/bin/rpm', `#!/bin/sh\n${script}\n`)
    chmodSync(join(root, 'usr/bin/rpm'), 0o755)
  }
  const dump = (path: string, sum: string) => `${path} 4 1700000000 ${sum} 0100755 root root 0 0 0 X`

  it('protect files of RPM packages while they are as they came; the path is an argument, never a command', async () => {
    const path = '/usr/bin/two words; touch evil'
    const lines = [dump('/usr/bin/two', digest('sha256', 'tool')), dump(path, digest('sha256', 'tool'))]
    rpm(`[ "$1 $2 $3 $4" = "-q --dump -f ${path}" ] || { echo "file $4 is not owned by any package"; exit 1; }
cat <<'END'\n${lines.join('\n')}\nEND`)
    expect(await check(path, 'tool', anew())).toBe('package-file')
    expect(await check(path, 'changed', anew())).toBeUndefined()
    expect(await check('/usr/bin/two', 'tool', anew())).toBeUndefined()
    expect(await check('/home/me/x', 'tool', anew())).toBeUndefined()
  })

  it('leave a file alone when RPM cannot say whether it is of a package', async () => {
    rpm('echo "database is locked" >&2; exit 2')
    await expect(check('/usr/bin/x', 'x', anew())).rejects.toMatchObject({ code: 'io-error', detail: 'rpm' })
  })

  it('are not asked where there is no database, or no program to ask it', async () => {
    put('usr/bin/rpm', '#!/bin/sh\nexit 3\n')
    chmodSync(join(root, 'usr/bin/rpm'), 0o755)
    expect(await check('/usr/bin/x', 'x', anew())).toBeUndefined()
    rmSync(join(root, 'usr/bin/rpm'))
    put('usr/lib/sysimage/rpm/rpmdb.sqlite', 'x')
    expect(await check('/usr/bin/x', 'x', anew())).toBeUndefined()
  })

  it.runIf(existsSync('/var/lib/dpkg/info/coreutils.md5sums'))('protect this very machine', async () => {
    const path = realpathSync('/usr/bin/env')
    const real = createGuard({ installation: [], dataDirs: [] })
    expect(await check(path, readFileSync(path, 'latin1'), real)).toBeUndefined()
    const content = readFileSync(path)
    const md5 = createHash('md5').update(content).digest('hex')
    expect(await real.check({ path: Buffer.from(path), md5: () => Promise.resolve(md5) })).toBe('package-file')
  })
})
