// Proves that the checks refuse what they are there to refuse: each case is a tiny project with one mistake.
import { describe, expect, test } from 'vitest'
import { graphProblems, textProblems } from './checks.mjs'
import { sourceGraph } from './source-graph.mjs'

const SUBPATHS = { '#shared/*': './shared/*' }

/** Problems of a project given as `{ path: text }`. */
function problemsOf(files) {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }))
  return graphProblems(sourceGraph(list, SUBPATHS))
}

test('a project that keeps to the table has no problem', () => {
  const files = {
    'shared/domain/threat.ts': "import { z } from 'zod'\nexport const Threat = z.string()",
    'shared/ui/Tag.tsx': "import { useState } from 'react'\nimport '../domain/threat.ts'\nexport const Tag = useState",
    'electron/engine/walk.ts': "import fs from 'node:fs'\nimport '#shared/domain/threat.ts'\nexport const walk = fs",
    'electron/engine/detect/clamd/socket.ts': "import net from 'node:net'\nexport const socket = net",
    'electron/main/ipc-server.ts': "import { ipcMain } from 'electron'\nexport const server = ipcMain",
    'electron/preload/index.ts': "import { ipcRenderer } from 'electron'\nipcRenderer.send('x')",
    'renderer/App.tsx': "import { Tag } from '#shared/ui/Tag.tsx'\nexport const App = Tag",
    'e2e/entries/fake.ts': "import '../../electron/main/ipc-server.ts'",
  }
  expect(problemsOf(files)).toEqual([])
})

describe('an import that the table does not allow', () => {
  const target = {
    'shared/a.ts': '',
    'shared/ui/b.tsx': '',
    'electron/engine/c.ts': '',
    'electron/client/d.ts': '',
    'cloud/server/e.ts': '',
  }
  test.each([
    ['shared takes Node', 'shared/x.ts', "import 'node:fs'"],
    ['shared takes Node without the prefix', 'shared/x.ts', "import 'fs'"],
    ['shared takes the React kit', 'shared/x.ts', "import './ui/b.tsx'"],
    ['shared takes a sibling', 'shared/x.ts', "import '../electron/engine/c.ts'"],
    ['shared takes React', 'shared/x.ts', "import 'react'"],
    ['the engine takes Electron', 'electron/engine/x.ts', "import { app } from 'electron'"],
    ['the engine takes the client', 'electron/engine/x.ts', "import '../client/d.ts'"],
    ['the engine reaches the network', 'electron/engine/x.ts', "import 'node:https'"],
    ['the engine reaches the network later', 'electron/engine/x.ts', "export const f = () => import('node:net')"],
    ['the client takes the engine', 'electron/client/x.ts', "import type { C } from '../engine/c.ts'"],
    ['the client takes Electron', 'electron/client/x.ts', "import type { App } from 'electron'"],
    ['main takes the engine', 'electron/main/x.ts', "export { c } from '../engine/c.ts'\nexport const y = 1"],
    ['the preload takes a schema', 'electron/preload/x.ts', "import '#shared/a.ts'"],
    ['the preload takes Node', 'electron/preload/x.ts', "import 'node:fs'"],
    ['the window takes Node', 'renderer/x.ts', "import 'node:path'"],
    ['the window takes Electron', 'renderer/x.ts', "import 'electron'"],
    ['the portal takes the engine', 'cloud/server/x.ts', "import '../../electron/engine/c.ts'"],
    ['the portal page takes the portal', 'cloud/web/x.ts', "import '../server/e.ts'"],
    ['a spec helper takes the app', 'e2e/x.ts', "import '../electron/client/d.ts'"],
    ['a test entry takes the portal', 'e2e/entries/x.ts', "import '../../cloud/server/e.ts'"],
  ])('%s', (_name, path, text) => {
    const problems = problemsOf({ ...target, [path]: text })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(path)
  })
})

describe('the shape of files', () => {
  test('a cycle over three files is found once, whole', () => {
    const problems = problemsOf({
      'shared/a.ts': "import './b.ts'",
      'shared/b.ts': "import type { C } from './c.ts'",
      'shared/c.ts': "import './a.ts'",
      'shared/d.ts': "import './a.ts'",
    })
    expect(problems).toEqual(['import cycle: shared/a.ts -> shared/b.ts -> shared/c.ts'])
  })

  test('a file that imports itself is a cycle', () => {
    expect(problemsOf({ 'shared/a.ts': "import './a.ts'" })).toHaveLength(1)
  })

  test('a barrel is refused, whatever its name', () => {
    const files = {
      'shared/a.ts': 'export const a = 1',
      'shared/all.ts': "export * from './a.ts'\nexport { a as b } from './a.ts'",
    }
    expect(problemsOf(files)).toEqual(['shared/all.ts: only passes on what other files define'])
  })

  test('more than 300 lines are refused, except in tests and generated files', () => {
    const long = 'const a = 1\n'.repeat(301)
    const files = { 'shared/a.ts': long, 'shared/a.test.ts': long, 'shared/b.ts': `// @generated\n${long}` }
    expect(problemsOf(files)).toEqual(['shared/a.ts: 301 lines, more than 300'])
    expect(problemsOf({ 'shared/a.ts': 'const a = 1\n'.repeat(300) })).toEqual([])
  })

  test('a file outside of the table is refused', () => {
    expect(problemsOf({ 'scripts/x.mjs': '' })).toHaveLength(1)
    expect(problemsOf({ 'vitest.config.ts': '' })).toEqual([])
  })

  test('an import that leads nowhere is refused', () => {
    expect(problemsOf({ 'shared/a.ts': "import './gone.ts'" })).toHaveLength(1)
  })
})

test('a package that package.json does not name is refused', () => {
  const graph = sourceGraph([{ path: 'electron/client/x.ts', text: "import 'zod'\nimport 'socket.io-client'" }])
  expect(graphProblems(graph, new Set(['zod']))).toEqual([
    'electron/client/x.ts: the package socket.io-client is not in package.json',
  ])
})

test('raw messaging is refused outside of its own files, but not in a comment', () => {
  expect(
    problemsOf({ 'electron/main/x.ts': "import { ipcMain } from 'electron'\nexport const x = ipcMain" }),
  ).toHaveLength(1)
  expect(
    problemsOf({ 'electron/main/x.ts': "import * as e from 'electron'\ne.ipcMain.on('x', () => {})" }),
  ).toHaveLength(1)
  expect(problemsOf({ 'electron/main/x.ts': '// instead of ipcMain\nexport const x = 1' })).toEqual([])
})

describe('text', () => {
  const machine = (folder) => ['', folder, 'x'].join('/')

  test.each([['work'], ['root']])('a path below %s is refused', (folder) => {
    expect(textProblems([{ path: 'docs/a.md', text: `one\nsee ${machine(folder)}` }])).toHaveLength(1)
  })

  test('an address or a relative path with such a folder is not', () => {
    const text = `https://example.org${machine('work')} and .${machine('root')}`
    expect(textProblems([{ path: 'docs/a.md', text }])).toEqual([])
  })

  test('a lock file with addresses is refused', () => {
    const text = JSON.stringify({ packages: { a: { resolved: 'x' } } }, null, 2)
    expect(textProblems([{ path: 'package-lock.json', text }])).toHaveLength(1)
  })
})
