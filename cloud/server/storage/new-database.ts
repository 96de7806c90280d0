// Makes a new, empty embedded database. It happens in a thread of its own, because the memory that this needs is given back
// only when its thread ends, and beside its final place, so that a start that is cut off leaves nothing half made.
import { existsSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const program = `
  const { workerData } = require('node:worker_threads')
  const { PGlite } = require(workerData.library)
  PGlite.create({ dataDir: workerData.folder }).then((engine) => engine.close())
`

export async function makeDatabase(folder: string): Promise<void> {
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  const library = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const worker = new Worker(program, { eval: true, workerData: { library, folder: unfinished } })
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`making the database ended with ${code}`)),
    )
  })
  // Only an empty folder can be in the way; rmdir refuses any other.
  if (existsSync(folder)) rmdirSync(folder)
  renameSync(unfinished, folder)
}
