// The helper that acts as administrator, as a program of its own, with good requests and with hostile ones.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inodeFlags } from '../../files/linux-calls.ts'
import { canFlag, setFlags } from '../testing/inode-flags.ts'
import { isRoot } from '../testing/ordinary-user.ts'
import { exists, infectedContent } from '../testing/treatment-lab.ts'
import { buildHelper, createHelperLab, type HelperLab, requestFor, shownOf } from './testing/helper-lab.ts'

let program = ''
beforeAll(async () => {
  program = await buildHelper('helper-for-tests')
})

let lab: HelperLab
let root = ''
let files = ''
const write: HelperLab['write'] = (name, content) => lab.write(name, content)
const ask: HelperLab['ask'] = (request) => lab.ask(request)
const askWith: HelperLab['askWith'] = (line, shown, as) => lab.askWith(line, shown, as)
beforeEach(() => {
  lab = createHelperLab(program)
  ;({ root, files } = lab)
})
afterEach(() => lab.remove())

describe.runIf(isRoot)('the helper that acts as administrator', () => {
  it('deletes the very file that it is asked about, and leaves no journal behind', async () => {
    const file = write('evil')
    const other = write('other', 'other')
    expect(ask(await requestFor(file))).toEqual({ kind: 'done', otherLinks: 0, holders: [] })
    expect(exists(file)).toBe(false)
    expect(readFileSync(other, 'utf8')).toBe('other')
    expect(lab.journalsLeft()).toEqual([])
  })

  it('deletes from a folder that only root may write to, also names that are no text', async () => {
    const path = Buffer.concat([Buffer.from(`${files}/`), Buffer.from([0xff, 0x0a, 0x41])])
    writeFileSync(path, infectedContent())
    chmodSync(files, 0o500)
    expect(ask(await requestFor(path))).toMatchObject({ kind: 'done' })
    expect(readdirSync(files)).toEqual([])
  })

  it.runIf(canFlag())('deletes an immutable file', async () => {
    const file = write('evil')
    setFlags(file, inodeFlags.immutable)
    expect(ask(await requestFor(file))).toMatchObject({ kind: 'done' })
    expect(exists(file)).toBe(false)
  })

  it('does nothing where there is nothing to clear', async () => {
    const file = write('evil')
    for (const verb of ['clear-flags', 'unmount'] as const)
      expect(ask(await requestFor(file, { verb }))).toEqual({ kind: 'refused', code: 'in-use' })
    expect(exists(file)).toBe(true)
  })

  it.each(['sha256', 'ino', 'dev', 'size', 'birthtimeNs', 'mtimeNs'] as const)(
    'refuses a file whose %s is another one',
    async (field) => {
      const file = write('evil')
      const request = await requestFor(file)
      const { identity } = request
      const wrong = { sha256: 'a'.repeat(64), ino: '1', dev: '1', size: 1, birthtimeNs: '1', mtimeNs: '1' }[field]
      expect(ask({ ...request, identity: { ...identity, [field]: wrong } })).toEqual({
        kind: 'refused',
        code: 'object-changed',
      })
      expect(exists(file)).toBe(true)
    },
  )

  it('refuses a path that was swapped: for another file, a link to the file, a folder behind a link', async () => {
    const content = infectedContent()
    mkdirSync(join(files, 'folder'))
    const file = write('folder/evil', content)
    const request = await requestFor(file)
    renameSync(file, join(files, 'moved'))
    writeFileSync(file, content)
    expect(ask(request)).toEqual({ kind: 'refused', code: 'object-changed' })
    rmSync(file)
    symlinkSync(join(files, 'moved'), file)
    expect(ask(request)).toEqual({ kind: 'refused', code: 'is-link' })
    rmSync(join(files, 'folder'), { recursive: true })
    mkdirSync(join(files, 'victims'))
    linkSync(join(files, 'moved'), join(files, 'victims/evil'))
    symlinkSync(join(files, 'victims'), join(files, 'folder'))
    expect(ask(request)).toEqual({ kind: 'refused', code: 'object-changed' })
    expect(readFileSync(join(files, 'victims/evil')).equals(content)).toBe(true)
    rmSync(join(files, 'victims/evil'))
    expect(
      ask(await requestFor(write('gone'), { path: Buffer.from(join(files, 'nothing')).toString('base64') })),
    ).toEqual({
      kind: 'refused',
      code: 'object-gone',
    })
  })

  it('refuses what the product itself needs', async () => {
    const own = join(root, 'installation/engine.js')
    writeFileSync(own, infectedContent())
    expect(ask(await requestFor(own))).toEqual({
      kind: 'refused',
      code: 'object-protected',
      protectedBy: 'own-installation',
    })
    expect(exists(own)).toBe(true)
  })

  it.runIf(existsSync('/etc/pam.d'))('refuses what the system needs, whatever is asked for', async () => {
    // In a mount namespace of its own the folder is one of the test: the machine's has nothing to fear.
    write('common-auth')
    const path = Buffer.from('/etc/pam.d/common-auth').toString('base64')
    const inside = [
      'unshare',
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount --bind "$0" /etc/pam.d && exec "$@"',
      files,
    ]
    for (const verb of ['delete', 'clear-flags', 'unmount'] as const) {
      const request = await requestFor(join(files, 'common-auth'), { path, verb })
      expect(askWith(JSON.stringify(request), shownOf(request), { inside })).toEqual({
        kind: 'refused',
        code: 'object-protected',
        protectedBy: 'essential',
      })
    }
    expect(exists(join(files, 'common-auth'))).toBe(true)
  })

  it('refuses a path that is not the one the person was shown', async () => {
    const file = write('evil')
    const request = await requestFor(file)
    expect(askWith(JSON.stringify(request), write('harmless'))).toEqual({ kind: 'refused', code: 'bad-request' })
    expect(askWith(JSON.stringify(request), '')).toEqual({ kind: 'refused', code: 'bad-request' })
    expect(exists(file)).toBe(true)
  })

  it.each(['relative/evil', '', '/', '../evil', '/tmp/../etc/passwd', '/tmp/\0'])(
    'refuses the path %j',
    async (path) => {
      const request = { ...(await requestFor(write('evil'))), path: Buffer.from(path).toString('base64') }
      const shown = path === '' ? '' : shownOf(request)
      expect(askWith(JSON.stringify(request), shown)).toMatchObject({ kind: 'refused', code: 'bad-path' })
    },
  )

  it('refuses what is no request: other shapes, other verbs, no JSON, too much of it', async () => {
    const request = await requestFor(write('evil'))
    const shown = shownOf(request)
    const texts = [
      '',
      '{',
      'null',
      '[]',
      JSON.stringify({ ...request, verb: 'run' }),
      JSON.stringify({ ...request, more: 1 }),
    ]
    for (const text of texts) expect(askWith(text, shown)).toEqual({ kind: 'refused', code: 'bad-request' })
    const huge = JSON.stringify({ ...request, more: 'x'.repeat(10_000_000) })
    expect(askWith(huge, shown)).toEqual({ kind: 'refused', code: 'too-large' })
    expect(exists(join(files, 'evil'))).toBe(true)
  })

  it('does nothing when whoever asked is gone by the time that a person agrees, whatever of the request came', async () => {
    const file = write('evil')
    const request = JSON.stringify(await requestFor(file))
    for (const input of ['', request.slice(0, 50), request]) expect(lab.hear(input, file)).toBe('ready\n')
    expect(exists(file)).toBe(true)
    expect(lab.journalsLeft()).toEqual([])
  })

  it('is of no use to whoever is not root', async () => {
    chmodSync(root, 0o755)
    const request = await requestFor(write('evil'))
    expect(askWith(JSON.stringify(request), shownOf(request), { uid: 65_534 })).toEqual({
      kind: 'refused',
      code: 'needs-administrator',
    })
  })
})
