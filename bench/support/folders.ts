// Temporary folders of a measurement: removed when it is done, and also when the run is broken off.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const open = new Set<string>()

process.on('exit', () => {
  for (const folder of open) rmSync(folder, { recursive: true, force: true })
})

export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  open.add(folder)
  try {
    return await use(folder)
  } finally {
    // What was just ended may still be writing its last file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    open.delete(folder)
  }
}
