// The one rule of where the data lies.
import path from 'node:path'
import { expect, it } from 'vitest'
import { brand } from '#shared/brand.ts'
import { dataFolder } from './data-folder.ts'

it.each([
  ['linux', {}, '/home/anna/.local/share'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/anna/.local/share'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/anna/Library/Application Support'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local'],
] as const)('%s %j', (platform, env, base) => {
  expect(dataFolder({ platform, env, home: '/home/anna' })).toBe(path.join(base, brand.slug))
})

it('is what the variable says, made absolute', () => {
  const env = { PROTECTION_DATA_DIR: 'own', XDG_DATA_HOME: '/data' }
  expect(dataFolder({ platform: 'linux', env, home: '/home/anna' })).toBe(path.resolve('own'))
})
