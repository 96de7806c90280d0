// What a mirror left out of the lock is put back, and nothing else is touched.
import { expect, test } from 'vitest'
import { completedPackages } from './complete-lock.mjs'

test('adds a missing package of another platform with its platform', () => {
  const packages = {
    'node_modules/tool': {
      version: '1.0.0',
      dev: true,
      optionalDependencies: { '@tool/linux-x64-musl': '1.0.0', '@tool/win32-arm64': '1.0.0' },
    },
  }
  const { packages: completed, added } = completedPackages(packages)
  expect(added).toEqual(['@tool/linux-x64-musl', '@tool/win32-arm64'])
  expect(completed['node_modules/@tool/linux-x64-musl']).toEqual({
    version: '1.0.0',
    cpu: ['x64'],
    libc: ['musl'],
    dev: true,
    optional: true,
    os: ['linux'],
  })
  expect(completed['node_modules/@tool/win32-arm64']).toMatchObject({ os: ['win32'], cpu: ['arm64'] })
})

test('leaves alone what is there, beside its owner or further out', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b/node_modules/c': { version: '1.0.0', optionalDependencies: { a: '1.0.0', d: '1.0.0' } },
    'node_modules/b/node_modules/d': { version: '1.0.0' },
  }
  expect(completedPackages(packages).added).toEqual([])
})

test('another version further out does not count', () => {
  const packages = {
    'node_modules/@tool/darwin-x64': { version: '1.0.0' },
    'node_modules/b/node_modules/tool': { version: '2.0.0', optionalDependencies: { '@tool/darwin-x64': '2.0.0' } },
  }
  const { packages: completed } = completedPackages(packages)
  expect(completed['node_modules/b/node_modules/tool/node_modules/@tool/darwin-x64']).toMatchObject({
    version: '2.0.0',
  })
})

test('refuses to guess a platform', () => {
  expect(() => completedPackages({ 'node_modules/a': { optionalDependencies: { thing: '1.0.0' } } })).toThrow('thing')
})
