import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { Lab } from '../detect/testing/lab.ts'
import { readRecipes } from './cure-recipes.ts'
import { loadDatabases } from './databases.ts'
import { addOwnDatabases, ownDatabasesFolder } from './own-databases.ts'

const lab = new Lab()
afterAll(() => lab.dispose())

const recipe: CureRecipe = {
  threat: 'Virus.Test.*',
  format: 'elf',
  match: [{ at: 0, bytes: '7f45??46' }],
  restore: [[100, 0, 0]],
  truncate: -100,
}
const signature = `${'a'.repeat(64)}:10:Good`
const line = (change: object): string => JSON.stringify({ ...recipe, ...change })

it('recipes are read line by line and counted; lines that are none are named with what is wrong', async () => {
  const lines = [
    '# a comment',
    '',
    line({}),
    'no JSON',
    line({ threat: '*' }),
    line({ match: [] }),
    line({ restore: [[1, 2]] }),
    line({ unknown: 1 }),
    line({ match: [{ at: 0, bytes: 'zz' }] }),
    JSON.stringify({ threat: recipe.threat, format: 'pe', match: recipe.match }),
    line({ fixups: [{ at: -4, zeros: 4 }], truncate: { at: -8, bytes: 4 }, sha256After: 'b'.repeat(64) }),
  ]
  const { info, recipes } = await lab.databases({ 'a.hsb': signature, 'a.cure': lines.join('\n') })
  expect(recipes).toHaveLength(2)
  expect(recipes[0]).toEqual(recipe)
  expect(info).toMatchObject({ hashSignatures: 1, recipes: 2 })
  expect(info.rejected.map(({ file, line: at }) => `${file}:${at}`)).toEqual(
    [4, 5, 6, 7, 8, 9, 10].map((at) => `a.cure:${at}`),
  )
  expect(info.rejected[0]?.problem).toBe('not JSON')
  expect(info.rejected[2]?.problem).toMatch(/^not a recipe: match: /)
  expect(info.rejected[6]?.problem).toBe('not a recipe: it changes nothing')
  expect(DatabasesInfo.parse(info)).toEqual(info)
})

it('recipes are part of the version, and are kept with large sets', async () => {
  const [dir, store] = [join(lab.dir, 'large'), join(lab.dir, 'store')]
  mkdirSync(dir)
  const rows = Array.from({ length: 60_000 }, (_, index) => `${index.toString(16).padStart(64, '0')}:10:N${index}`)
  writeFileSync(join(dir, 'a.hsb'), rows.join('\n'))
  writeFileSync(join(dir, 'a.cure'), line({}))
  const load = () => loadDatabases(dir, { source: 'folder', rulesCacheDir: store })
  const [first, again] = [await load(), await load()]
  expect('path' in again.hashes.sha256.behind).toBe(true)
  expect([first.recipes, again.recipes]).toEqual([[recipe], [recipe]])
  writeFileSync(join(dir, 'a.cure'), line({ truncate: -99 }))
  const changed = await load()
  expect(changed.recipes).toMatchObject([{ truncate: -99 }])
  expect(changed.info.version).not.toBe(first.info.version)
})

it('recipes of the system\u2019s ClamAV are not used: they change files', async () => {
  const [dir, other] = [join(lab.dir, 'own'), join(lab.dir, 'clamav')]
  for (const folder of [dir, other]) mkdirSync(folder)
  writeFileSync(join(dir, 'a.hsb'), signature)
  writeFileSync(join(other, 'b.cure'), line({}))
  const { info, recipes } = await loadDatabases(dir, { source: 'folder', ifReadable: [other] })
  expect(recipes).toEqual([])
  expect(info.rejected).toEqual([
    { file: 'b.cure', line: 0, problem: 'recipes for disinfection are not taken from here' },
  ])
})

it('the recipes in the documentation are recipes', () => {
  const text = readFileSync('docs/cure-recipes.md', 'utf8')
  const examples = [...text.matchAll(/^\{"threat".*$/gm)].map(([example]) => example)
  expect(examples).toHaveLength(3)
  const { recipes, rejected } = readRecipes([{ file: 'docs', bytes: Buffer.from(examples.join('\n')) }])
  expect([recipes.length, rejected]).toEqual([3, []])
})

it('a person can add recipes of their own', async () => {
  const file = join(lab.dir, 'mine.cure')
  writeFileSync(file, line({}))
  const dataDir = join(lab.dir, 'data')
  expect((await addOwnDatabases(dataDir, [file])).recipes).toBe(1)
  const { recipes } = await loadDatabases('resources/databases', {
    source: 'seed',
    besides: [ownDatabasesFolder(dataDir)],
  })
  expect(recipes).toEqual([recipe])
})
