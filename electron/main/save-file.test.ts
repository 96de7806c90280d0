// A file is saved whole, for its owner alone, or not at all; what was there stays, and nothing is written through a link.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { saveFile } from './save-file.ts'

const isRoot = process.getuid?.() === 0
const canMount = isRoot && spawnSync('unshare', ['-m', '--propagation', 'private', 'true']).status === 0
const nobody = 65_534

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'save-file-'))
  chmodSync(folder, 0o755)
  file = join(folder, 'report.csv')
})
afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

const code = (saved: Promise<void>) =>
  saved.then(
    () => 'saved',
    (error: { code: string }) => error.code,
  )

it('is there whole, for its owner alone, and takes the place of what was there', async () => {
  writeFileSync(file, 'old and longer', { mode: 0o666 })
  await saveFile(file, 'ünew')
  expect(readFileSync(file, 'utf8')).toBe('ünew')
  expect(lstatSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

it('has room for a name of full length', async () => {
  const long = join(folder, `${'x'.repeat(251)}.csv`)
  await saveFile(long, 'a')
  expect(readFileSync(long, 'utf8')).toBe('a')
  expect(await code(saveFile(join(folder, 'x'.repeat(256)), 'a'))).toBe('bad-path')
})

it('is not written through a link, whether it leads somewhere or not', async () => {
  const other = join(folder, 'other')
  writeFileSync(other, 'mine')
  symlinkSync(other, file)
  expect(await code(saveFile(file, 'report'))).toBe('is-link')
  expect(readFileSync(other, 'utf8')).toBe('mine')
  rmSync(other)
  expect(await code(saveFile(file, 'report'))).toBe('is-link')
  expect(readlinkSync(file)).toBe(other)
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

it('is not put over a folder, and not into one that is gone', async () => {
  mkdirSync(file)
  expect(await code(saveFile(file, 'report'))).toBe('not-regular-file')
  expect(await code(saveFile(join(folder, 'gone', 'report.csv'), 'report'))).toBe('not-found')
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

it('says when there is no permission, and leaves what was there', async () => {
  writeFileSync(file, 'old')
  chmodSync(folder, 0o555)
  if (isRoot) process.seteuid?.(nobody)
  try {
    expect(await code(saveFile(file, 'report'))).toBe('no-permission')
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['report.csv'])
})

/** In a mount namespace of its own, over a small volume at `folder`. */
async function onVolume(options: string, mounted: string): Promise<unknown> {
  const program = join(folder, '..', `${folder.slice(folder.lastIndexOf('/') + 1)}.mjs`)
  const bundle = await rolldown({ input: join(import.meta.dirname, 'save-file.ts'), platform: 'node' })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
  try {
    const script = `
      const { saveFile } = await import(${JSON.stringify(program)})
      const { readFileSync, readdirSync } = await import('node:fs')
      const saved = await saveFile(${JSON.stringify(file)}, 'x'.repeat(1_000_000)).then(() => 'saved', (e) => e.code)
      console.log(JSON.stringify({ saved, old: readFileSync(${JSON.stringify(file)}, 'utf8'), names: readdirSync(${JSON.stringify(folder)}) }))`
    const mount = `mount -t tmpfs -o ${options} none '${folder}' && printf old > '${file}' ${mounted} && exec "$0" --input-type=module -e "$1"`
    const args = ['-m', '--propagation', 'private', 'sh', '-c', mount, process.execPath, script]
    const ended = spawnSync('unshare', args, { encoding: 'utf8' })
    if (ended.status !== 0) throw new Error(ended.stderr)
    return JSON.parse(ended.stdout)
  } finally {
    rmSync(program, { force: true })
  }
}

describe.runIf(canMount)('a volume', () => {
  it('that is full keeps what was there, and nothing half', async () => {
    expect(await onVolume('size=64k', '')).toEqual({ saved: 'disk-full', old: 'old', names: ['report.csv'] })
  })

  it('that is read-only is named so', async () => {
    const remounted = `&& mount -o remount,ro '${folder}'`
    expect(await onVolume('size=4m', remounted)).toEqual({
      saved: 'read-only-volume',
      old: 'old',
      names: ['report.csv'],
    })
  })
})
