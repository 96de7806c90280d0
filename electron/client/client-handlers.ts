// The answers to the calls of the app's windows that belong to the client. Windows, dialogs and outside pages belong to the
// main process. Input was validated by the contract layer; what is asked is decided by the services.
import type { AppState } from '#shared/domain/app-state.ts'
import { DeviceName } from '#shared/domain/device.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import { ProductError } from '#shared/errors.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { listDetections } from './detections/listing.ts'
import { restoreTarget } from './detections/restore-target.ts'
import type { LocalServices, RemoteServices } from './services.ts'

/** The calls that main answers itself. */
export type MainCall = 'window.openSignIn' | 'window.closeSignIn' | 'external.open' | 'dialog.pickPaths'

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
    'state.snapshot': snapshot,
  }
}

function scanHandlers({ scans, settings, topics, protection }: LocalServices) {
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
      return {}
    },
  } satisfies Partial<ClientHandlers>
}

function objectHandlers({ ledger, treatment, quarantine }: LocalServices) {
  return {
    'detections.list': (request) =>
      listDetections(
        [...ledger.entries()].map(({ detection }) => detection),
        request,
      ),
    'detections.act': ({ ids, action }) => treatment.act(ids, action, { kind: 'local' }),
    'quarantine.list': ({ offset, limit }) => quarantine.list(offset, limit),
    async 'quarantine.restore'({ id, targetFolder, evenIfDetected }) {
      const original = targetFolder === null ? null : await quarantine.originalPath(id)
      const target: FilePath | null =
        targetFolder === null || original === null ? null : restoreTarget(targetFolder, original)
      return { path: await treatment.restore({ id, target, evenIfDetected }, { kind: 'local' }) }
    },
    'quarantine.delete': async ({ ids }) => ({ deleted: await quarantine.delete(ids) }),
  } satisfies Partial<ClientHandlers>
}

function accountHandlers({ clock }: LocalServices, { account, link, outbox, endRemoteControl }: RemoteServices) {
  const within = <T>(ms: number, work: Promise<T>) =>
    Promise.race([
      work.then(
        () => undefined,
        () => undefined,
      ),
      new Promise<void>((resolve) => clock.after(ms, resolve)),
    ])

  return {
    async 'account.signIn'({ email, password }) {
      await account.signIn(email, password)
      link.start()
      return {}
    },
    'account.create': ({ email }) => account.create(email),
    async 'account.disconnect'() {
      await endRemoteControl('device')
      const portal = link.client()
      // The portal may be away: disconnecting works without it.
      if (portal) await within(leaveWithinMs, portal.call('link.leave', {}))
      link.stop()
      await account.forget()
      await outbox.restart([])
      return {}
    },
    async 'account.rename'({ name }) {
      const parsed = DeviceName.safeParse(name)
      if (!parsed.success) throw new ProductError('bad-request', 'name')
      const portal = link.client()
      if (!portal) throw new ProductError('offline')
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
