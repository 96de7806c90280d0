import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fullAreaPaths, quickAreaPaths } from './areas.ts'

let root: string
let home: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'areas-'))
  home = join(root, 'home/me')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, text = ''): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const quick = (): string[] => quickAreaPaths(home, root).map((path) => path.toString().slice(root.length + 1))

it('covers what starts by itself and what that points to', () => {
  put('home/me/.config/autostart/x.desktop', '[Desktop Entry]\nExec=/opt/tool/start --flag\n')
  put('home/me/.config/systemd/user/y.service', '[Service]\nExecStart=%h/bin/unit-program\n')
  put('etc/cron.d/job', '@reboot root /usr/local/bin/from-cron >/dev/null\n')
  put('var/spool/cron/crontabs/me', '* * * * * ~/bin/from-table\n')
  put('home/me/.bashrc', 'source "$HOME/.hidden/rc"\n')
  for (const file of [
    'opt/tool/start',
    'home/me/bin/unit-program',
    'usr/local/bin/from-cron',
    'home/me/bin/from-table',
    'home/me/.hidden/rc',
    'opt/tool/other',
  ])
    put(file)
  const paths = quick()
  for (const expected of [
    'home/me/.config/autostart',
    'home/me/.config/systemd/user',
    'etc/cron.d',
    'var/spool/cron',
    'home/me/.bashrc',
  ])
    expect(paths).toContain(expected)
  for (const expected of [
    'opt/tool/start',
    'home/me/bin/unit-program',
    'usr/local/bin/from-cron',
    'home/me/bin/from-table',
    'home/me/.hidden/rc',
  ])
    expect(paths).toContain(expected)
  expect(paths).not.toContain('opt/tool/other')
})

it('covers running programs, temporary folders and the download folder of the person', () => {
  put('proc/12/status')
  put('usr/bin/running')
  symlinkSync(join(root, 'usr/bin/running'), join(root, 'proc/12/exe'))
  put('tmp/x')
  put('home/me/.config/user-dirs.dirs', 'XDG_DOWNLOAD_DIR="$HOME/Herunter"\n')
  put('home/me/Herunter/file')
  expect(quick()).toEqual(expect.arrayContaining(['usr/bin/running', 'tmp', 'home/me/Herunter']))
})

it('uses the usual download folder without settings, and never all of home', () => {
  put('home/me/Downloads/file')
  expect(quick()).toContain('home/me/Downloads')
  put('home/me/.config/user-dirs.dirs', 'XDG_DOWNLOAD_DIR="$HOME/"\n')
  expect(quick()).not.toContain('home/me')
})

it('resolves links, names each path once and only what exists', () => {
  put('usr/bin/real')
  put('home/me/.profile', '/usr/bin/alias /usr/bin/real /missing/thing\n')
  symlinkSync('real', join(root, 'usr/bin/alias'))
  expect(quick().sort()).toEqual(['home/me/.profile', 'usr/bin/real'])
})

it('on this machine gives existing absolute paths; a full scan begins at the root', () => {
  for (const path of quickAreaPaths('/root')) expect(path[0]).toBe(0x2f)
  expect(fullAreaPaths().map(String)).toEqual(['/'])
})
