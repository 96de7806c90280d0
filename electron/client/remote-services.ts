// Builds and joins the services that let an owner manage this computer from the portal. Owns no behaviour of its own.
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import { ProductError } from '#shared/errors.ts'
import { type AccountService, type Connected, createAccountService } from './account/account-service.ts'
import { createDeviceKey } from './account/device-key.ts'
import { type CloudLink, type CloudLinkHooks, createCloudLink } from './cloud/cloud-link.ts'
import { connectSocket } from './cloud/connect-socket.ts'
import { allFacts, detectionFact } from './cloud/facts.ts'
import { createOutbox, type Outbox } from './cloud/outbox.ts'
import { createPortalSync, type PortalSync } from './cloud/portal-sync.ts'
import { type CommandBook, createCommandBook } from './commands/command-book.ts'
import { type CommandExecutor, createCommandExecutor } from './commands/command-executor.ts'
import { answerOffer } from './commands/command-intake.ts'
import { commandTitle } from './commands/command-text.ts'
import type { Ledger } from './detections/ledger.ts'
import type { LocalServices } from './local-services.ts'
import type { ClientPorts, Clock } from './ports.ts'

export interface RemoteServices {
  readonly outbox: Outbox
  readonly book: CommandBook
  readonly account: AccountService
  readonly link: CloudLink
  readonly sync: PortalSync
  readonly executor: CommandExecutor
  /** Remote control ends here and now; local protection goes on. */
  endRemoteControl(by: 'device' | 'portal'): Promise<void>
}

/** What lets an owner manage this computer from the portal. */
export function createRemoteServices(ports: ClientPorts, local: LocalServices): RemoteServices {
  const { clock, storage, topics, history, engine, scans, treatment, settings, restarts } = local
  const { log, device, portalUrl } = ports
  const outbox = createOutbox({ storage, clock })
  const book = createCommandBook({ storage, clock })
  const key = createDeviceKey(ports.secrets)
  const detections = () => [...local.ledger.entries()].map(({ detection }) => detection)
  const facts = (audience: Connected | null) => allFacts(detections(), book.entries(), audience)
  const onEnrolled = (audience: Connected) => outbox.restart(facts(audience))
  const account = createAccountService({ portalUrl, storage, key, device, topics, history, clock, onEnrolled })
  const link = createCloudLink({
    portalUrl,
    connect: ports.connectSocket ?? connectSocket,
    account,
    key,
    appVersion: device.appVersion,
    topics,
    clock,
    log,
    hooks: linkHooks(ports, clock, () => remote),
  })
  const sync = createPortalSync({
    outbox,
    link,
    account,
    engine,
    device,
    topics,
    clock,
    log,
    allFacts: () => facts(account.connected()),
    lastCompletedAt: scans.lastCompletedAt,
  })
  const onScanStarted = remoteScanNotice(ports, local)
  const executor = createCommandExecutor({
    book,
    scans,
    treatment,
    settings,
    engine,
    restarts,
    account,
    sync,
    link,
    topics,
    clock,
    log,
    onScanStarted,
    stateTold: () => {
      local.protection.flush()
      return sync.stateTold(drainWithinMs)
    },
  })

  restarts.beforeRestart(() => sync.drained(drainWithinMs))
  const endRemoteControl = async (by: 'device' | 'portal'): Promise<void> => {
    await executor.stopAll(by)
    await sync.drained(drainWithinMs)
    // Somebody may have signed in again meanwhile: then it tells the new account.
    if (!executor.isOpen()) sync.stop()
  }
  const remote: RemoteServices = { outbox, book, account, link, sync, executor, endRemoteControl }
  tellDetections(local.ledger, account, sync)
  return remote
}

/** What follows from what the portal says. `remote` exists by the time anything is said. */
function linkHooks({ log }: ClientPorts, clock: Clock, remote: () => RemoteServices): CloudLinkHooks {
  const failed = (what: string) => (error: unknown) => log.error(what, { error: String(error) })
  return {
    onWelcome: (welcome) => {
      const { account, link, sync } = remote()
      if (!account.connected()) return void leave(account, link).catch(failed('leave not told'))
      account.told({ deviceName: welcome.name, email: welcome.account }).catch(failed('name not kept'))
      sync.welcomed(welcome).catch(failed('not in step with the portal'))
    },
    onOffer: async (envelope) => {
      const { account, book, executor, link } = remote()
      // SECURITY: from the first step of a disconnection on, nothing is taken any more.
      if (!executor.isOpen()) throw new ProductError('unauthenticated')
      const context = { deviceId: account.connected()?.deviceId ?? null, latestNow: link.latestNow() }
      const answer = await answerOffer(book, envelope, context)
      // Begun only after the answer is on its way.
      if (answer.kind === 'accepted') clock.after(0, () => executor.accepted(envelope))
      return answer
    },
    onRenamed: (name) => remote().account.told({ deviceName: name }),
    onEnded: (reason) => {
      const { account, link, endRemoteControl } = remote()
      link.stop()
      account
        .left()
        .then(() => account.ended(reason))
        .then(() => endRemoteControl('portal'))
        .catch(failed('end of connection not recorded'))
    },
  }
}

/** Tells a portal that was away when this computer was disconnected. Tried again with every connection. */
async function leave(account: AccountService, link: CloudLink): Promise<void> {
  if (!account.leaving()) return
  await link.client()?.call('link.leave', {})
  await account.left()
  link.stop()
}

function tellDetections(ledger: Ledger, account: AccountService, sync: PortalSync): void {
  ledger.onChange((change) => {
    const email = account.connected()?.email ?? ''
    const body: OutboxBody =
      change.kind === 'changed'
        ? detectionFact(change.detection, { email })
        : { kind: 'detection-removed', detectionId: change.id }
    void sync.tell(body)
  })
}

/** How long the last facts may take on their way to the portal. */
const drainWithinMs = 2_000
/** Silent unless the setting asks for a notification; the history always says who asked. */
function remoteScanNotice({ notifications }: ClientPorts, { settings }: LocalServices) {
  return (envelope: Parameters<typeof commandTitle>[0]): void => {
    if (!settings.get().notifyOnRemoteScan) return
    notifications?.show({
      title: `${commandTitle(envelope)} started`,
      body: `Started remotely by ${envelope.issuedBy}.`,
    })
  }
}
