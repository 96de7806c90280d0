// Large rule sets in a real engine: compiled by a process that ends, then only loaded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngineLink } from '#shared/engine-protocol/engine-link.ts'
import { forkLauncher } from './fork-launcher.ts'
import { buildProduct, builtDir } from './testing/built.ts'
import { startRig } from './testing/engine-rig.ts'

const hostFile = path.join(builtDir, 'engine-host.js')
const ruleCount = 1500
let databasesDir: string
let tree: string

beforeAll(() => {
  buildProduct()
  databasesDir = mkdtempSync(path.join(tmpdir(), 'compile-rules-'))
  tree = mkdtempSync(path.join(tmpdir(), 'compile-rules-tree-'))
  writeFileSync(
    path.join(databasesDir, 'many.yar'),
    Array.from({ length: ruleCount }, (_, at) => ruleOf(at)).join('\n'),
  )
  writeFileSync(path.join(tree, 'text'), 'for every file: marker-number-7')
  writeFileSync(path.join(tree, 'program'), 'MZ for programs only: marker-number-8')
})
afterAll(() => {
  rmSync(databasesDir, { recursive: true, force: true })
  rmSync(tree, { recursive: true, force: true })
})

/** Every second one only for programs. */
function ruleOf(at: number): string {
  const header = at % 2 === 0 ? 'uint16(0) == 0x5a4d and ' : ''
  return `rule Rule${at} { strings: $a = "marker-number-${at}" fullword condition: ${header}$a }`
}

it('a large rule set is compiled by a process that ends, once, and then finds', async () => {
  const rig = startRig(hostFile, { databasesDir })
  try {
    await rig.link.client.call('engine.info', {})
    expect(rig.link.info()?.databases).toMatchObject({ rules: ruleCount, rejected: [] })
    const record = await rig.scan([tree])
    await record.finished
    const threats = record.detected.flatMap(({ findings }) => findings.map(({ threat }) => threat))
    expect(threats.sort()).toEqual(['Rule7', 'Rule8'])
    const compiledBy = rig.logs.filter((line) => line.includes('compiled rules'))
    expect(compiledBy).toHaveLength(1)
    // Launched last, and gone, while the engine scans.
    const compiler = rig.launcher.pid() ?? 0
    expect(compiledBy[0]).toContain(`process ${compiler}`)
    expect(() => process.kill(compiler, 0)).toThrow('ESRCH')
    const again = createEngineLink({
      launcher: forkLauncher({ hostFile, onLog: (line) => rig.logs.push(line) }),
      config: rig.config,
    })
    again.start()
    await again.client.call('engine.info', {})
    await again.stop()
    expect(rig.logs.filter((line) => line.includes('compiled rules'))).toHaveLength(1)
  } finally {
    await rig.dispose()
  }
})
