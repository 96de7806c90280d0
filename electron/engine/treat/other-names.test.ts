import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { otherNames } from './other-names.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'names-'))
  mkdirSync(join(root, 'home/deep/deeper'), { recursive: true })
  mkdirSync(join(root, 'elsewhere'))
})
afterEach(() => rmSync(root, { recursive: true }))

const search = (file: string) =>
  otherNames(
    { path: Buffer.from(file), parent: Buffer.from(dirname(file)), stat: statSync(file, { bigint: true }) },
    join(root, 'home'),
  )

it('finds the other names beside the file and anywhere in the home, and no file that only looks like it', async () => {
  const file = join(root, 'elsewhere/evil')
  writeFileSync(file, 'x')
  writeFileSync(join(root, 'home/evil'), 'x')
  symlinkSync(file, join(root, 'home/link'))
  // A link that would lead around for ever.
  symlinkSync(join(root, 'home'), join(root, 'home/deep/loop'))
  expect(await search(file)).toEqual([])
  const names = [join(root, 'elsewhere/second'), join(root, 'home/deep/deeper/third')]
  for (const name of names) linkSync(file, name)
  expect((await search(file)).map(({ text }) => text).sort()).toEqual(names)
})

it('names ten at most', async () => {
  const file = join(root, 'home/evil')
  writeFileSync(file, 'x')
  for (let at = 0; at < 15; at += 1) linkSync(file, join(root, `home/deep/${at}`))
  expect(await search(file)).toHaveLength(10)
})
