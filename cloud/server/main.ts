// The portal as a program: reads the environment, listens, says where, and stops cleanly on a signal or when its parent goes
// away. Owns the process; everything else is built by app.ts.
import path from 'node:path'
import { codeOf } from '#shared/errors.ts'
import { createPortal, type Portal } from './app.ts'
import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'

const stopWithinMs = 10_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  // Beside the built file: out/portal/server/main.js, out/portal/migrations, out/portal/web.
  const beside = (name: string) => path.join(import.meta.dirname, '..', name)
  const portal = await createPortal({ config, log, migrations: beside('migrations'), webRoot: beside('web') })
  stopOn(portal)
  const url = await portal.listen().catch(async (error: unknown) => {
    await portal.close()
    throw error
  })
  const outboxUrl = portal.outboxUrl()
  if (outboxUrl !== null) console.log(`Mail outbox: ${outboxUrl}`)
  console.log(`Portal ready on ${url}`)
}

function stopOn(portal: Portal): void {
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    portal.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
}

/** A sentence for the person who started it; never a stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const code = codeOf(error)
  if (code === 'storage-damaged')
    return `storage-damaged: the database in ${where(error)} cannot be read. It was left as it is; restore a copy of the folder.`
  if (code === 'storage-locked') return `storage-locked: another portal already uses ${where(error)}.`
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return 'The port is in use. Set PORTAL_PORT to another one.'
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? 'unknown') : 'unknown'
}

function where(error: unknown): string {
  return (error as { detail?: string }).detail ?? 'the data folder'
}

main().catch((error: unknown) => {
  console.error(`The portal could not start.\n${explain(error)}`)
  process.exit(1)
})
