import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultProtectedFolders, downloadFolders } from './default-folders.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'home-'))
  mkdirSync(path.join(home, '.config'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const names = (text: string, folder = path.join(home, '.config')) =>
  writeFileSync(path.join(folder, 'user-dirs.dirs'), text)
const downloads = (env = {}) => downloadFolders({ home, env })

describe('where files from outside arrive', () => {
  it('is Downloads, and what the desktop calls so in the language of the person', () => {
    expect(downloads()).toEqual([path.join(home, 'Downloads')])
    names('# comment\nXDG_DESKTOP_DIR="$HOME/Bureau"\nXDG_DOWNLOAD_DIR="$HOME/Téléchargements/"\n')
    expect(downloads()).toEqual([path.join(home, 'Downloads'), path.join(home, 'Téléchargements')])
    expect(defaultProtectedFolders({ home, env: {} })).toEqual(expect.arrayContaining(downloads()))
  })

  it('may lie outside of the home, be named in another place, and have quotes in its name', () => {
    const config = path.join(home, 'other')
    mkdirSync(config)
    names('XDG_DOWNLOAD_DIR="/data/my \\"files\\""', config)
    expect(downloads({ XDG_CONFIG_HOME: config })).toEqual([path.join(home, 'Downloads'), '/data/my "files"'])
  })

  it.each(['"$HOME/"', '"$HOME"', '"/"', '"relative"', '"$OTHER/x"', 'unquoted', '"'])(
    'is only Downloads with %s',
    (value) => {
      names(`XDG_DOWNLOAD_DIR=${value}\n`)
      expect(downloads()).toEqual([path.join(home, 'Downloads')])
    },
  )

  it('is also where a link leads to', () => {
    const elsewhere = path.join(home, 'disk')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, path.join(home, 'Downloads'))
    expect(downloads()).toEqual([path.join(home, 'Downloads'), elsewhere])
  })
})
