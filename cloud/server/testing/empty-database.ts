// An empty embedded database, made once on a machine and reused by every test: making one takes seconds, copying it
// a fraction of that. Never holds tables: migrations run in every test.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'

let loaded: Promise<Blob> | undefined

export function emptyDatabase(): Promise<Blob> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Blob> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(readFileSync(path.join(path.dirname(entry), '../package.json'), 'utf8'))
  const file = path.join(os.tmpdir(), `portal-test-database-${version}-${process.getuid?.() ?? 0}.tar`)
  if (!existsSync(file)) {
    const engine = await PGlite.create({})
    const dump = await engine.dumpDataDir('none')
    await engine.close()
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 })
    renameSync(temporary, file)
  }
  return new Blob([readFileSync(file)])
}
