// What an engine concluded must not outlive it: its identity follows what decides about a verdict, and nothing else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { engineBuild } from './engine-build.mjs'

let project

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'engine-build-'))
  put('package.json', '{"dependencies":{"unpacker":"^1.0.0"}}')
  put('node_modules/unpacker/package.json', '{"version":"1.0.0"}')
  put('electron/engine/scanner.ts', 'one')
  put('electron/engine-host/host.ts', 'one')
  put('shared/domain/verdict.ts', 'one')
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

function put(file, text) {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true })
  writeFileSync(path.join(project, file), text)
}

it.each([
  ['a source of the engine', 'electron/engine/scanner.ts'],
  ['a new source', 'electron/engine/unpack/new.ts'],
  ['a shared source', 'shared/domain/verdict.ts'],
  ['the version of a library', 'node_modules/unpacker/package.json'],
])('is another engine after a change of %s', (_what, file) => {
  const before = engineBuild(project)
  put(file, '{"version":"1.0.1"}')
  expect(engineBuild(project)).not.toBe(before)
})

it.each([
  ['a test', 'electron/engine/scanner.test.ts'],
  ['what only draws', 'shared/ui/Toggle.ts'],
  ['the app around it', 'electron/client/client.ts'],
])('is the same engine after a change of %s', (_what, file) => {
  const before = engineBuild(project)
  put(file, 'two')
  expect(engineBuild(project)).toBe(before)
})
