// A scan's folder after the power went: at every byte that may be missing, no report is lost and no file is skipped.
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import type { AppendDisk } from './append-file.ts'
import { openCheckpoint } from './checkpoint.ts'

const scanId = ScanId.parse(randomUUID())
const counts = { files: 1, objects: 1, bytes: 10, found: 0, notScanned: 1, excluded: 0 }
let root: string

beforeEach(() => {
  // In memory where there is such a place: the folder is opened thousands of times.
  root = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'power-cut-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** What was written by a moment, and how much of it was surely on the disk. */
interface Moment {
  readonly finished: ReadonlySet<string>
  readonly done: Buffer
  readonly reports: Buffer
  readonly reportsOnDisk: number
}

const gapOf = (name: string): NotScannedObject => ({
  path: { text: name },
  member: ['é\n'],
  reason: 'encrypted',
  partial: true,
})
const identity = { dev: '1', ino: '2', size: 3, mtimeNs: '4', ctimeNs: '5', birthtimeNs: '6', nlink: 1 }
const foundIn = (name: string): DetectedObject => ({
  path: { text: name },
  identity: { ...identity, sha256: 'a'.repeat(64) },
  findings: [{ member: [], threat: 'Test', verdict: 'infected', detector: 'hash' }],
  findingsComplete: true,
  coverage: { kind: 'full' },
})

/** A scan that is written down, with each moment at which the power may go. */
async function written(dataDir: string): Promise<{ head: string; moments: Moment[] }> {
  const moments: Moment[] = []
  const finished = new Set<string>()
  const folder = path.join(dataDir, 'scans', scanId)
  let reportsOnDisk = 0
  const read = (name: string) =>
    existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name)) : Buffer.alloc(0)
  const moment = () => {
    const [done, reports] = [read('done.bin'), read('reports.jsonl')]
    moments.push({ finished: new Set(finished), done, reports, reportsOnDisk })
  }
  const disk: AppendDisk = {
    // One byte less at first: a write may be short.
    write: (fd, bytes) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.max(1, bytes.length - at - 1))
      moment()
    },
    sync: async (fd) => {
      const length = read('reports.jsonl').length
      await new Promise((resolve) => setImmediate(resolve))
      if (readlinkSync(`/proc/self/fd/${fd}`).endsWith('reports.jsonl')) reportsOnDisk = length
      moment()
    },
  }
  const checkpoint = openCheckpoint(dataDir, scanId, { resume: false, generation: 'g', disk })
  const head = read('head.json').toString()
  const finish = (...names: string[]) => {
    for (const name of names) finished.add(name)
    checkpoint.finish(
      names.map((name) => ({
        path: Buffer.from(name),
        counts,
        detected: name.includes('bad') ? [foundIn(name)] : [],
        notScanned: name.includes('gap') ? [gapOf(name)] : [],
      })),
    )
  }
  finish('/a', '/gap1')
  finish('/bad1')
  const saving = checkpoint.save(1)
  // While the disk works the scan goes on.
  finish('/b', '/bad-gap2')
  await saving
  await checkpoint.save(2)
  finish('/gap3', '/c')
  checkpoint.remove()
  return { head, moments }
}

/** The folder as a power cut left it, resumed: how many files are done. Throws when one is that should not be. */
function check(head: string, { finished }: Moment, left: { readonly done: Buffer; readonly reports: Buffer }): number {
  const folder = path.join(root, 'cut', 'scans', scanId)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'head.json'), head)
  writeFileSync(path.join(folder, 'done.bin'), left.done)
  writeFileSync(path.join(folder, 'reports.jsonl'), left.reports)
  const resumed = openCheckpoint(path.join(root, 'cut'), scanId, { resume: true, generation: 'g' })
  const isDone = (name: string) => resumed.isDone(Buffer.from(name))
  const known = new Set([
    ...resumed.detected.map((each) => `bad ${each.path.text}`),
    ...resumed.notScanned.map((each) => `gap ${each.path.text}`),
  ])
  for (const name of ['/a', '/b', '/c', '/gap1', '/gap3', '/bad1', '/bad-gap2', '/never']) {
    if (!isDone(name)) continue
    if (!finished.has(name)) throw new Error(`${name} was skipped`)
    for (const kind of ['bad', 'gap']) {
      if (name.includes(kind) && !known.has(`${kind} ${name}`)) throw new Error(`the report on ${name} was lost`)
    }
  }
  resumed.remove()
  return resumed.counters.files
}

it('whatever a power cut leaves of the files, no report is lost and no file is skipped', async () => {
  const { head, moments } = await written(path.join(root, 'whole'))
  expect(moments.length).toBeGreaterThan(8)
  for (const moment of moments) {
    const { done, reports, reportsOnDisk } = moment
    const leastReports = reports.subarray(0, reportsOnDisk)
    for (let cut = 0; cut <= done.length; cut++) {
      check(head, moment, { done: done.subarray(0, cut), reports: leastReports })
      // The file had got its length already, not all of its content.
      const holed = Buffer.concat([done.subarray(0, cut), Buffer.alloc(done.length - cut)])
      check(head, moment, { done: holed, reports: leastReports })
    }
    expect(check(head, moment, { done, reports: leastReports })).toBe(Math.floor(done.length / 36))
    for (let cut = reportsOnDisk; cut <= reports.length; cut++) {
      check(head, moment, { done, reports: reports.subarray(0, cut) })
    }
  }
  // All that was saved; what was told after the last save is looked at again.
  expect((moments.at(-1)?.done.length ?? 0) / 36).toBe(6)
}, 60_000)
