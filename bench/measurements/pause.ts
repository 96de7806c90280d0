// How long the engine goes on working after a pause, in the middle of a scan of programs with thousands of rules; against the
// least that there is: YARA's own program with the same rules on the same tree, frozen by the system.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { ProductError } from '#shared/errors.ts'
import type { EngineRig, ScanRecord } from '../../electron/engine-host/testing/engine-rig.ts'
import { startEngine } from '../support/engine.ts'
import { type Findings, percentile } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { cpuSeconds } from '../support/machine.ts'
import { copyProgramsAndLibraries } from '../support/programs.ts'
import { ruleSet } from '../support/rule-set.ts'
import { pause } from '../support/wait.ts'
import { compileForYara } from '../support/yara.ts'

const pauses = 100
const threads = 2
const sampleMs = 10
/** A process that uses less of one core than this has stopped. */
const busyShare = 0.15
/** So long without work: it has stopped. */
const quietMs = 150

/** Something that works until it is held. */
interface Held {
  pid(): number
  hold(): Promise<void> | void
  goOn(): Promise<void> | void
}

export function pauseLatency(): Promise<Findings> {
  return inFolder(async (folder) => {
    const rules = ruleSet(folder)
    const tree = join(folder, 'tree')
    const files = copyProgramsAndLibraries(tree)
    const own = await ofEngine(folder, rules.folder, tree)
    const floor = await ofYara(await compileForYara(folder, rules.files), tree)
    const figure = (name: string, share: number, goal?: string) => ({
      name,
      value: percentile(own, share),
      unit: 'ms',
      peer: { name: 'yara, SIGSTOP', value: percentile(floor, share) },
      ...(goal === undefined ? {} : { goal }),
    })
    return {
      figures: [
        figure('pause → no more work, p50', 50),
        figure('pause → no more work, p95', 95, '<= 200'),
        figure('pause → no more work, longest', 100),
      ],
      notes: [
        `${pauses} pauses at times spread over scans of a copy of ${files.source} (${files.files} files, ${(files.bytes / 1e6).toFixed(0)} MB), ${rules.what}, ${threads} threads, no ceiling. Looked at every ${sampleMs} ms.`,
      ],
    }
  })
}

async function ofEngine(folder: string, databasesDir: string, tree: string): Promise<number[]> {
  const { rig, pid } = await startEngine(join(folder, 'engine'), databasesDir, threads)
  try {
    const scan = new RepeatedScan(rig, pid, tree)
    const took = await measured(scan)
    await scan.stop()
    return took
  } finally {
    await rig.dispose()
  }
}

/** A scan of the tree that begins anew whenever it has come to its end. */
class RepeatedScan implements Held {
  private readonly rig: EngineRig
  private readonly enginePid: number
  private readonly tree: string
  private record: ScanRecord | null = null

  constructor(rig: EngineRig, pid: number, tree: string) {
    this.rig = rig
    this.enginePid = pid
    this.tree = tree
  }

  pid(): number {
    return this.enginePid
  }

  async hold(): Promise<void> {
    await this.control('pause')
  }

  async goOn(): Promise<void> {
    if (this.record !== null) await this.control('resume')
    else await this.begin()
  }

  async stop(): Promise<void> {
    const { record } = this
    await this.control('stop')
    await record?.finished
  }

  private async begin(): Promise<void> {
    const record = await this.rig.scan([this.tree], {}, { ignoreCache: true })
    this.record = record
    void record.finished.then(() => {
      this.record = null
    })
  }

  private async control(action: 'pause' | 'resume' | 'stop'): Promise<void> {
    const { record } = this
    if (record === null) return
    try {
      await this.rig.link.client.call('scan.control', { scanId: record.scanId, action })
    } catch (error) {
      // It has come to its end in between.
      if (!(error instanceof ProductError && error.code === 'scan-unknown')) throw error
    }
  }
}

async function ofYara(compiled: string, tree: string): Promise<number[]> {
  const run = new RepeatedYara(compiled, tree)
  try {
    return await measured(run)
  } finally {
    run.end()
  }
}

class RepeatedYara implements Held {
  private readonly args: readonly string[]
  private child: ChildProcess | null = null

  constructor(compiled: string, tree: string) {
    this.args = ['-C', '-w', '-p', String(threads), '-r', compiled, tree]
  }

  pid(): number {
    return this.child?.pid ?? 0
  }

  hold(): void {
    this.child?.kill('SIGSTOP')
  }

  goOn(): void {
    if (this.child === null || this.child.exitCode !== null) this.child = spawn('yara', this.args, { stdio: 'ignore' })
    else this.child.kill('SIGCONT')
  }

  end(): void {
    this.child?.kill('SIGKILL')
  }
}

/** Ms from each pause to the end of the work that it ended. */
async function measured(held: Held): Promise<number[]> {
  const took: number[] = []
  for (let turn = 0; took.length < pauses; turn++) {
    if (turn > 3 * pauses) throw new Error('hardly ever at work when it was to be paused')
    await held.goOn()
    // Spread, the same in every run.
    await pause(150 + ((turn * 379) % 700))
    const before = await shareNow(held.pid())
    if (before < busyShare) continue
    took.push(await untilStopped(held))
  }
  return took
}

async function untilStopped(held: Held): Promise<number> {
  const pid = held.pid()
  const started = performance.now()
  let last = started
  await held.hold()
  while (performance.now() - last < quietMs) {
    if ((await shareNow(pid)) >= busyShare) last = performance.now()
  }
  return last - started
}

async function shareNow(pid: number): Promise<number> {
  const before = { cpu: cpuSeconds(pid), at: performance.now() }
  await pause(sampleMs)
  return (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.at) / 1000)
}
