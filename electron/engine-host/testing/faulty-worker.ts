// A scan thread that does what a file's name says: `kill` ends the process, `kill-once` the first time, `hang` never
// returns, `slow` takes 20 ms. Used by tests only.
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createScanner } from '../../engine/scanner.ts'
import { startWorker } from '../worker-main.ts'

startWorker(async (databases) => {
  const scanner = await createScanner(databases)
  return {
    ...scanner,
    scanFile: async (file) => {
      misbehave(file.toString('utf8'))
      return scanner.scanFile(file)
    },
  }
})

function misbehave(file: string): void {
  const name = path.basename(file)
  if (name.startsWith('slow')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  if (name.startsWith('hang')) for (;;);
  if (name.startsWith('kill-once')) {
    // Beside the tree, so that the mark itself is not scanned.
    const mark = path.join(path.dirname(file), '..', `${name}.killed`)
    if (existsSync(mark)) return
    writeFileSync(mark, '')
    process.kill(process.pid, 'SIGKILL')
  } else if (name.startsWith('kill')) process.kill(process.pid, 'SIGKILL')
}
