import { type Dirent, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Scanner } from '../../scanner.ts'
import { Lab } from '../testing/lab.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const largest = 4 * 1024 * 1024
const built = new Set(['node_modules', 'out', 'release', 'test-results', 'playwright-report', '.git'])

/** Regular files below a folder in a fixed order, `most` at the most, spread over all of them. */
function filesOf(root: string, most: number, without: ReadonlySet<string> = new Set()): string[] {
  const files: string[] = []
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined && files.length < 60_000; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !without.has(entry.name)) folders.push(path)
      else if (entry.isFile()) files.push(path)
    }
  }
  const step = Math.max(1, Math.ceil(files.length / most))
  return files.filter((_, index) => index % step === 0)
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

/** What is found in them, as `path: threats`; and how many were scanned within the time. */
async function foundIn(files: readonly string[], seconds: number): Promise<{ alarms: string[]; scanned: number }> {
  const end = performance.now() + seconds * 1000
  const alarms: string[] = []
  let scanned = 0
  for (const path of files) {
    if (performance.now() > end) break
    const size = lstatSync(path, { throwIfNoEntry: false })?.size ?? largest
    if (size >= largest) continue
    const result = await scanner.scanFile(Buffer.from(path))
    scanned += 1
    if (result.kind === 'detected')
      alarms.push(`${path}: ${result.object.findings.map(({ member, threat }) => [...member, threat].join('!'))}`)
  }
  return { alarms, scanned }
}

it("nothing is found in the system's own files (38)", { timeout: 60_000 }, async () => {
  const roots = ['/usr/bin', '/usr/lib/python3', '/usr/share', '/etc', 'node_modules'].filter((root) =>
    existsSync(root),
  )
  let all = 0
  for (const root of roots) {
    const { alarms, scanned } = await foundIn(filesOf(root, 2000), 7)
    expect(alarms, root).toEqual([])
    all += scanned
  }
  expect(all).toBeGreaterThan(100)
})

it('nothing is found in the sources of the product', { timeout: 60_000 }, async () => {
  const { alarms, scanned } = await foundIn(filesOf('.', 5000, built), 40)
  expect(alarms).toEqual([])
  expect(scanned).toBeGreaterThan(100)
})
