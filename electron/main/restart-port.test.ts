import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRestartPort } from './restart-port.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'restart-port-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Stands for the system's program: writes down how it was called, and answers. */
function program(lines: string): string {
  const file = path.join(folder, 'system program')
  writeFileSync(file, `#!/bin/sh\nprintf '%s|' "$@" > '${path.join(folder, 'called')}'\n${lines}\n`)
  chmodSync(file, 0o755)
  return file
}

it('asks the system once, without a password question and without force', async () => {
  await createRestartPort({ platform: 'linux', isPackaged: true, program: program('exit 0') })?.restart()
  expect(readFileSync(path.join(folder, 'called'), 'utf8')).toBe('--no-ask-password|reboot|')
})

it('says that the system refused, and why', async () => {
  const port = createRestartPort({
    platform: 'linux',
    isPackaged: true,
    program: program('echo "Interactive authentication required." >&2; exit 1'),
  })
  await expect(port?.restart()).rejects.toMatchObject({
    code: 'restart-refused',
    detail: 'Interactive authentication required.',
  })
})

it('says so where there is no such program', async () => {
  const port = createRestartPort({ platform: 'linux', isPackaged: true, program: path.join(folder, 'none') })
  await expect(port?.restart()).rejects.toMatchObject({ code: 'restart-refused' })
})

it('an app that is not packaged restarts nothing, and neither does one on another system', () => {
  expect(createRestartPort({ platform: 'linux', isPackaged: false })).toBeUndefined()
  expect(createRestartPort({ platform: 'win32', isPackaged: true })).toBeUndefined()
})
