// The packaging configuration and the profile that is read back from the binary must be the same thing.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RELEASE_FUSES, TESTED_FUSES } from './fuses.mjs'
import { inProject } from './project.mjs'

const configuration = readFileSync(inProject('electron-builder.yml'), 'utf8')

/** The indented lines below a heading of the configuration, trimmed. */
function section(name) {
  const [, block = ''] = new RegExp(`^${name}:\\n((?: +.*\\n)+)`, 'm').exec(configuration) ?? []
  return block.split('\n').map((line) => line.trim().replaceAll('"', "'"))
}

test('electron-builder.yml holds the release profile', () => {
  const lines = Object.entries(RELEASE_FUSES).map(([name, on]) => `${name}: ${on}`)
  expect(section('electronFuses').filter(Boolean)).toEqual(lines)
})

test('the tested flavour differs in the inspector alone', () => {
  expect({ ...TESTED_FUSES, enableNodeCliInspectArguments: false }).toEqual(RELEASE_FUSES)
})

test('test entries and source maps are not packaged', () => {
  const files = section('files')
  expect(files.filter((line) => line.startsWith('- out'))).toEqual([
    '- out/main/**/*',
    '- out/preload/**/*',
    '- out/renderer/**/*',
  ])
  expect(files).toContain("- '!out/**/*.map'")
})
