// The engine's host with a worker that misbehaves and a short watchdog. What stands in the file that `SECOND_ENGINE` names is
// what the second engine says of itself. Used by tests only.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { startHost } from '../host-main.ts'

const secondEngine = process.env.SECOND_ENGINE

startHost({
  workerFile: path.join(import.meta.dirname, 'faulty-worker.mjs'),
  seedDatabasesDir: path.resolve(import.meta.dirname, '../../../resources/databases'),
  watchdogMs: 1000,
  askSecondEngine: async () => (secondEngine === undefined ? null : readFileSync(secondEngine, 'utf8')),
})
