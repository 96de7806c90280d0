// The protection client: everything the app decides, in plain Node. `createClient` builds, `start` begins: it takes the
// data folder, reads what is there, settles what an earlier run left open, and connects. Never imports Electron.
import type { AppState } from '#shared/domain/app-state.ts'
import type { ReportFormat, ReportSelection } from '#shared/domain/reports.ts'
import { type ClientHandlers, createClientHandlers } from './client-handlers.ts'
import { commandsTopic } from './commands/command-text.ts'
import { createEarlyCalls } from './early-calls.ts'
import { createLocalServices, type LocalServices } from './local-services.ts'
import type { ClientPorts, HeldLock, Timer } from './ports.ts'
import { createRemoteServices, type RemoteServices } from './remote-services.ts'
import { type ReportFile, reportFile } from './reports/report-file.ts'
import type { TopicListener } from './state/topics.ts'

export interface Client {
  /** Throws `storage-locked` when another app holds the data folder, `io-error` when it cannot be used. Call once. */
  start(): Promise<void>
  /** Ends the engine and the connection. What was under way is settled at the next start. */
  stop(): Promise<void>
  readonly handlers: ClientHandlers
  /** Told of changed topics, bundled; returns the function that stops listening. */
  onTopic(listener: TopicListener): () => void
  /** The reports that are selected, as a file. */
  reportFile(selection: ReportSelection, format: ReportFormat): ReportFile
  /** All topics as they are now. */
  state(): AppState
}

const pruneIntervalMs = 24 * 3_600_000

export function createClient(ports: ClientPorts): Client {
  const local = createLocalServices(ports)
  const remote = createRemoteServices(ports, local)
  const { topics, protection, engine } = local
  const early = createEarlyCalls()
  let lock: HeldLock | null = null
  let pruneTimer: Timer | null = null

  function state(): AppState {
    protection.flush()
    return topics.snapshot()
  }

  function prune(): void {
    local.ledger
      .prune()
      .catch((error: unknown) => ports.log.warn('old detections not removed', { error: String(error) }))
    // Copies that are old enough go with a look at Quarantine.
    local.quarantine.changed()
    pruneTimer = local.clock.after(pruneIntervalMs, prune)
  }

  return {
    async start() {
      try {
        lock = await ports.takeLock(ports.dataDir)
        await load(local, remote)
      } catch (error) {
        early.failed(error)
        await lock?.release()
        throw error
      }
      connect(local, remote)
      early.loaded()
      protection.start(remote.account.installation().installedAt)
      prune()
      await local.fileProtection.apply()
      await engine.start()
      remote.executor.resume()
      local.scans.goOn().catch((error: unknown) => ports.log.warn('scan does not go on', { error: String(error) }))
      if (remote.account.connected() || remote.account.leaving()) remote.link.start()
    },
    async stop() {
      pruneTimer?.cancel()
      remote.sync.stop()
      remote.link.stop()
      protection.stop()
      await local.fileProtection.stop()
      local.treatment.stop()
      local.restarts.stop()
      local.alerts.stop()
      local.settledLines.flush()
      local.quarantine.stop()
      local.copyRescan.stop()
      await engine.stop()
      topics.stop()
      await lock?.release()
    },
    handlers: early.held(createClientHandlers(local, remote, state)),
    onTopic: topics.onChange,
    reportFile: (selection, format) =>
      reportFile({ selection, format, ...local.history.select(selection), now: local.clock.now() }),
    state,
  }
}

/** Reads everything that was kept. Nothing acts yet. */
async function load(local: LocalServices, remote: RemoteServices): Promise<void> {
  await local.settings.load()
  await local.history.load()
  await local.ledger.load()
  await local.allowed.load()
  await local.scans.load()
  await local.restarts.load()
  await local.alerts.load()
  await remote.account.load()
  await remote.outbox.load()
  await remote.book.load(remote.link.latestNow())
}

/** Joins the engine to those who listen to it, and topics to what follows from them. */
function connect(local: LocalServices, remote: RemoteServices): void {
  const { engine, treatment, quarantine, scans, protection, topics, history } = local
  engine.onConnection(scans.listen)
  engine.onReady(treatment.recover)
  engine.onReady(async () => {
    treatment.resume()
    quarantine.changed()
  })
  engine.onReady(local.alerts.infection.started)
  engine.onState((state) => {
    if (state !== 'failed') return
    history.add({
      component: 'application',
      grade: 'critical',
      title: 'The scanner engine does not run',
      detail: 'It is started again every minute.',
    })
    scans.engineFailed()
  })
  topics.onChange((changed) => {
    if (changed.scan || changed.settings || changed.quarantine) protection.changed()
    if (changed.settings) void local.fileProtection.apply()
    // The databases in use are part of it.
    if (changed.protection) local.copyRescan.check()
    if (changed.settings) local.alerts.settingsChanged()
  })
  const { book } = remote
  const show = () => topics.update('cloud', (topic) => ({ ...topic, commands: commandsTopic(book.entries()) }))
  book.onChange(show)
  show()
}
