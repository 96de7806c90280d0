// The answers to the calls of the app's windows that belong to the client. Windows, dialogs and outside pages belong to the
// main process. Input was validated by the contract layer; what is asked is decided by the services.
import type { AppState } from '#shared/domain/app-state.ts'
import { DeviceName } from '#shared/domain/device.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { listDetections } from './detections/listing.ts'
import { restoreTarget } from './detections/restore-target.ts'
import type { LocalServices } from './local-services.ts'
import type { RemoteServices } from './remote-services.ts'
import { gapsOfLast, scanDetails } from './reports/scan-details.ts'

/** The calls that main answers itself. */
export type MainCall =
  | 'window.openMain'
  | 'window.openSignIn'
  | 'window.closeSignIn'
  | 'external.open'
  | 'dialog.pickPaths'
  | 'history.save'

/** The client's share of the app contract; fits whatever context main gives its handlers. */
export type ClientHandlers = Omit<Handlers<AppContract, unknown>, MainCall>

const leaveWithinMs = 5_000

export function createClientHandlers(
  local: LocalServices,
  remote: RemoteServices,
  snapshot: () => AppState,
): ClientHandlers {
  return {
    ...scanHandlers(local),
    ...objectHandlers(local),
    ...accountHandlers(local, remote),
    ...restartHandlers(local),
    ...alertHandlers(local),
    'state.snapshot': snapshot,
  }
}

function scanHandlers({ scans, settings, topics, protection, engine, log }: LocalServices) {
  return {
    async 'scan.start'(request) {
      const { scanId } = await scans.start({ ...request, origin: { kind: 'local' } })
      return { scanId }
    },
    async 'scan.control'({ action }) {
      await scans.control(action, 'device')
      return {}
    },
    'scan.notScanned': ({ offset, limit }) => scans.notScanned(offset, limit),
    async 'problem.ignore'({ key, ignored }) {
      protection.flush()
      await settings.ignoreProblem(key, ignored, topics.get('protection').problems)
      return {}
    },
    async 'settings.change'(change) {
      await settings.change(change)
      // Told again when the engine is started the next time.
      engine
        .reconfigure()
        .then(protection.changed)
        .catch((error: unknown) => log.warn('engine not reconfigured', { code: codeOf(error) }))
      return {}
    },
  } satisfies Partial<ClientHandlers>
}

function objectHandlers({ ledger, treatment, quarantine, allowed, history, topics, scans }: LocalServices) {
  return {
    'history.list': history.list,
    'history.scan': ({ id }) =>
      scanDetails({ id, history, ledger, gapsOf: gapsOfLast(topics.get('scan'), scans.gaps) }),
    'detections.list': (request) =>
      listDetections(
        [...ledger.entries()].map(({ detection }) => detection),
        request,
      ),
    'detections.act': ({ ids, action }) => treatment.act(ids, action, { origin: { kind: 'local' } }),
    'detections.elevate': ({ id }) => treatment.elevate(id, { kind: 'local' }),
    'detections.restore': ({ ids, exclude }) =>
      treatment.act(ids, exclude ? 'restore-and-exclude' : 'restore', { origin: { kind: 'local' } }),
    'detections.deleteWithoutCopy': ({ ids }) =>
      treatment.act(ids, 'delete', { origin: { kind: 'local' }, withoutCopy: true }),
    'detections.keepLargeCopy': ({ ids }) =>
      treatment.act(ids, 'disinfect', { origin: { kind: 'local' }, largeCopy: true }),
    'quarantine.list': (query) => quarantine.list(query),
    async 'quarantine.restore'({ id, targetFolder: folder, newName: name, makeFolder, exclude }) {
      const isOldPlace = folder === null && name === null
      const target = isOldPlace ? null : restoreTarget({ folder, name }, await quarantine.originalPath(id))
      const restored = await treatment.restore({ id, target, makeFolder, exclude }, { kind: 'local' })
      const { path, notKept, replaced, entries } = restored
      return { path, notKept, replaced: replaced !== undefined, ...(entries === undefined ? {} : { entries }) }
    },
    'quarantine.delete': ({ ids }) => quarantine.delete(ids, { kind: 'local' }),
    async 'quarantine.keep'({ ids }) {
      await quarantine.keep(ids)
      return {}
    },
    'allowed.list': ({ offset, limit }) => allowed.list(offset, limit),
    async 'allowed.remove'({ sha256s }) {
      await allowed.remove(sha256s)
      return {}
    },
  } satisfies Partial<ClientHandlers>
}

function alertHandlers({ alerts }: LocalServices) {
  return {
    'alert.act': ({ id, action, all }) => alerts.objects.act(id, action, all),
    async 'alert.dismiss'({ alert }) {
      await alerts.dismiss(alert)
      return {}
    },
    'alert.show'({ alert }) {
      alerts.show(alert)
      return {}
    },
    'infection.pause'({ isPaused }) {
      alerts.infection.pause(isPaused)
      return {}
    },
    async 'infection.choose'({ choice }) {
      await alerts.infection.choose(choice)
      return {}
    },
  } satisfies Partial<ClientHandlers>
}

function restartHandlers({ restarts }: LocalServices) {
  return {
    async 'restart.now'() {
      await restarts.now()
      return {}
    },
    async 'restart.answer'(answer) {
      await restarts.answer(answer)
      return {}
    },
  } satisfies Partial<ClientHandlers>
}

function accountHandlers({ clock, log }: LocalServices, remote: RemoteServices) {
  const { account, link, outbox, executor, endRemoteControl } = remote
  /** True: it was done in time. */
  const within = <T>(ms: number, work: Promise<T>) =>
    Promise.race([
      work.then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => clock.after(ms, () => resolve(false))),
    ])

  return {
    async 'account.signIn'({ email, password }) {
      // It may still be telling an earlier account that this computer left.
      if (!account.connected()) link.stop()
      try {
        await account.signIn(email, password)
        executor.open()
      } finally {
        if (account.connected() || account.leaving()) link.start()
      }
      return {}
    },
    'account.create': ({ email }) => account.create(email),
    async 'account.disconnect'() {
      await endRemoteControl('device')
      const portal = link.client()
      // The portal may be away: disconnecting works without it, and it is told as soon as it is there again.
      const isTold = portal !== null && (await within(leaveWithinMs, portal.call('link.leave', {})))
      link.stop()
      await account.forget(isTold)
      await outbox.restart([]).catch((error: unknown) => log.error('outbox not emptied', { code: codeOf(error) }))
      if (account.leaving()) link.start()
      return {}
    },
    async 'account.rename'({ name }) {
      const parsed = DeviceName.safeParse(name)
      if (!parsed.success) throw new ProductError('bad-request', 'name')
      const portal = link.client()
      // Not `offline`: that says it is done later, but nothing is queued here.
      if (!portal) throw new ProductError('portal-unreachable', 'name not changed')
      await portal.call('device.rename', { name: parsed.data })
      await account.told({ deviceName: parsed.data })
      return {}
    },
    'cloud.retry'() {
      link.retry()
      return {}
    },
  } satisfies Partial<ClientHandlers>
}
