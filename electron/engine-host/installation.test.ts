import { expect, it } from 'vitest'
import { installationFolders } from './installation.ts'

it('a package protects the folder it is installed in', () => {
  expect(
    installationFolders({
      moduleDir: '/opt/product/resources/app.asar/out/main',
      execPath: '/opt/product/remote-protection',
      resourcesPath: '/opt/product/resources',
    }),
  ).toEqual(['/opt/product/resources/app.asar', '/opt/product', '/opt/product/resources/app.asar'])
})

it.each([undefined, '/src/node_modules/electron/dist/resources'])(
  'a checkout protects itself only',
  (resourcesPath) => {
    expect(installationFolders({ moduleDir: '/src/out/main', execPath: '/usr/bin/node', resourcesPath })).toEqual([
      '/src',
    ])
  },
)
