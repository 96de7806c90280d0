// A scan thread that does what a file's name says: `kill` ends the process, `kill-once` the first time, `hang` never
// returns, `slow` takes 20 ms, `large` takes 10 s in pieces of 20 ms and adds a byte to `pieces` for each.
// The second thread refuses databases that exclude the name `RefusedByTheSecondThread`. Used by tests only.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { workerData } from 'node:worker_threads'
import { createScanner } from '../../engine/scanner.ts'
import type { PausePoint } from '../../engine/scans/pause-point.ts'
import type { WorkerSetup } from '../../engine/scans/worker-protocol.ts'
import { startWorker } from '../worker-main.ts'

const { index } = workerData as WorkerSetup

startWorker(async (databases, _config, pausePoint) => {
  if (index === 1 && databases.ignored.includes('RefusedByTheSecondThread')) throw new Error('refused')
  const scanner = await createScanner(databases)
  return {
    ...scanner,
    scanFile: async (file) => {
      await misbehave(file.toString('utf8'), pausePoint)
      return scanner.scanFile(file)
    },
  }
})

async function misbehave(file: string, pausePoint: PausePoint): Promise<void> {
  const name = path.basename(file)
  // Beside the tree, so that marks themselves are not scanned.
  const beside = (mark: string) => path.join(path.dirname(file), '..', mark)
  if (name.startsWith('slow')) sleep(20)
  for (let piece = 0; name.startsWith('large') && piece < 500; piece++) {
    appendFileSync(beside('pieces'), '.')
    for (const end = performance.now() + 20; performance.now() < end; );
    await pausePoint()
  }
  if (name.startsWith('hang')) for (;;);
  if (name.startsWith('kill-once')) {
    const mark = beside(`${name}.killed`)
    if (existsSync(mark)) return
    writeFileSync(mark, '')
    process.kill(process.pid, 'SIGKILL')
  } else if (name.startsWith('kill')) process.kill(process.pid, 'SIGKILL')
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
