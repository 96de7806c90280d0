// Where a test describes the machine it pretends to have, and where the app writes down that it asked for a restart of it. The
// engine process gets a scrubbed environment, so the way there leads through the folder for temporary files, which the test
// gives each app of its own.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function machineFileName(folder: string = tmpdir()): string {
  return join(folder, 'e2e-machine.json')
}

export function restartsFileName(folder: string = tmpdir()): string {
  return join(folder, 'e2e-restarts.txt')
}
