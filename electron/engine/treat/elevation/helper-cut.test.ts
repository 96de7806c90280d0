// The helper that acts as administrator, cut off in the middle: the next run takes back what was begun, and does nothing that nobody
// asked it for. What it cleared for whoever asks is put back when that one is done, or gone.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inodeFlags } from '../../files/linux-calls.ts'
import { toFilePath } from '../../files/path-text.ts'
import { canFlag, flagsOf, setFlags } from '../testing/inode-flags.ts'
import { isRoot } from '../testing/ordinary-user.ts'
import { exists } from '../testing/treatment-lab.ts'
import type { HelperRequest } from './request.ts'
import { buildHelper, createHelperLab, type HelperLab, nextLine, requestFor } from './testing/helper-lab.ts'

let program = ''
beforeAll(async () => {
  program = await buildHelper('helper-cut')
})

let lab: HelperLab
beforeEach(() => {
  lab = createHelperLab(program)
})
afterEach(() => lab.remove())

const detectionId = '00000000-0000-4000-8000-000000000001'

/** As a run leaves it that was killed: its process is no more. */
function leave(request: HelperRequest, lines: readonly object[]): string {
  const folder = join(lab.root, 'base/999999-1')
  mkdirSync(folder, { recursive: true })
  const object = {
    path: toFilePath(Buffer.from(request.path, 'base64')),
    identity: request.identity,
    findings: [{ member: [], threat: '', verdict: 'infected', detector: 'hash' }],
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
  const order = { detectionId, object, verb: 'delete', origin: { kind: 'local' }, databaseVersion: '' }
  const common = { version: 1, detectionId, at: new Date().toISOString() }
  const all = [{ kind: 'intent', order }, ...lines].map((line) => `${JSON.stringify({ ...common, ...line })}\n`)
  writeFileSync(join(folder, 'treatments.jsonl'), all.join(''))
  return folder
}

const quarantineId = '00000000-0000-4000-8000-000000000002'
const storing = { kind: 'storing', quarantineId }
const removing = { kind: 'removing', final: { status: 'deleted', quarantineId, otherLinks: 0 } }

async function askAboutAnother(): Promise<void> {
  const another = lab.write('another')
  expect(lab.ask(await requestFor(another))).toMatchObject({ kind: 'done' })
  expect(exists(another)).toBe(false)
}

describe.runIf(isRoot)('what a run of the helper was cut off in', () => {
  it.each([
    ['before it did anything', []],
    ['when it took the copy for safe', [storing]],
  ])('%s is not done by the next one, which was asked about another file', async (_when, lines) => {
    const file = lab.write('evil')
    leave(await requestFor(file), lines)
    await askAboutAnother()
    expect(exists(file)).toBe(true)
    expect(lab.journalsLeft()).toEqual([])
  })

  it.each([
    ['moved away', []],
    ['about to be removed', [removing]],
  ])('is put back by the next one when the file was %s', async (_what, lines) => {
    const file = lab.write('evil')
    const request = await requestFor(file)
    const name = '.0123456789abcdef01234567'
    const folder = leave(request, [
      storing,
      { kind: 'grabbing', folder: { text: join(lab.root, 'base/999999-1/grab') }, name: { text: name } },
      ...lines,
    ])
    mkdirSync(join(folder, 'grab'), { mode: 0o700 })
    renameSync(file, join(folder, 'grab', name))
    await askAboutAnother()
    expect(exists(file)).toBe(true)
    expect(lab.journalsLeft()).toEqual([])
  })

  it('stays in its journal while it cannot be taken back', async () => {
    mkdirSync(join(lab.files, 'd'))
    const file = lab.write('d/evil')
    const request = await requestFor(file)
    const place = join(lab.root, 'place')
    mkdirSync(place, { mode: 0o700 })
    const name = '.0123456789abcdef01234567'
    leave(request, [storing, { kind: 'grabbing', folder: { text: place }, name: { text: name } }])
    renameSync(file, join(place, name))
    rmSync(join(lab.files, 'd'), { recursive: true })
    lab.write('d', 'in the way')
    await askAboutAnother()
    expect(lab.journalsLeft()).toHaveLength(1)
    rmSync(join(lab.files, 'd'))
    await askAboutAnother()
    expect(exists(file)).toBe(true)
    expect(lab.journalsLeft()).toEqual([])
  })

  it.runIf(canFlag())('gets its flags back by the next one', async () => {
    const file = lab.write('evil')
    leave(await requestFor(file), [{ kind: 'clearing', act: { what: 'file-flags', flags: inodeFlags.immutable } }])
    await askAboutAnother()
    expect(flagsOf(file)).toBe(inodeFlags.immutable)
    setFlags(file, 0)
    expect(exists(file)).toBe(true)
    expect(lab.journalsLeft()).toEqual([])
  })
})

describe.runIf(isRoot && canFlag())('flags that were taken away so that whoever asks can cure the file', () => {
  async function cleared(file: string) {
    setFlags(file, inodeFlags.immutable)
    const helper = lab.start(file)
    expect(await nextLine(helper)).toBe('ready')
    const answered = nextLine(helper)
    helper.stdin?.write(`${JSON.stringify(await requestFor(file, { verb: 'clear-flags' }))}\n`)
    expect(JSON.parse(await answered)).toEqual({ kind: 'done', otherLinks: 0, holders: [] })
    expect(flagsOf(file)).toBe(0)
    const over = new Promise((done) => helper.once('close', done))
    return { helper, over }
  }

  it('are back when that one is done, or gone, and the file is still there', async () => {
    const file = lab.write('evil')
    const { helper, over } = await cleared(file)
    helper.stdin?.end()
    await over
    expect(flagsOf(file)).toBe(inodeFlags.immutable)
    setFlags(file, 0)
    expect(lab.journalsLeft()).toEqual([])
  })

  it('are given to no other file that has its name by then', async () => {
    const file = lab.write('evil')
    const { helper, over } = await cleared(file)
    renameSync(file, join(lab.files, 'moved'))
    lab.write('evil', 'cured')
    helper.stdin?.end()
    await over
    expect(flagsOf(file)).toBe(0)
    expect(lab.journalsLeft()).toEqual([])
  })

  it('are back by the next run when the helper was killed meanwhile', async () => {
    const file = lab.write('evil')
    const { helper, over } = await cleared(file)
    helper.kill('SIGKILL')
    await over
    expect(flagsOf(file)).toBe(0)
    await askAboutAnother()
    expect(flagsOf(file)).toBe(inodeFlags.immutable)
    setFlags(file, 0)
    expect(lab.journalsLeft()).toEqual([])
  })
})
