// The engine's host with a worker that misbehaves and a short watchdog. Used by tests only.
import path from 'node:path'
import { startHost } from '../host-main.ts'

startHost({
  workerFile: path.join(import.meta.dirname, 'faulty-worker.mjs'),
  seedDatabasesDir: path.resolve(import.meta.dirname, '../../../resources/databases'),
  watchdogMs: 1000,
})
