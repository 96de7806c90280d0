// The relation of this computer to an account: sign in, resume, disconnect, and be disconnected. Owns account.json and
// installation.json. Never keeps a password, and never touches local protection.
import { randomUUID, webcrypto } from 'node:crypto'
import { accountApi, deviceApi, type EnrolRequest } from '#shared/cloud-protocol/http-api.ts'
import { derivePasswordKeys, enrolPrefix, fromBase64, type SubtleLike } from '#shared/crypto/password-proof.ts'
import type { AccountTopic } from '#shared/domain/app-state.ts'
import { DeviceName, deviceNameMaxLength } from '#shared/domain/device.ts'
import type { InstallationId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { AccountFile } from '#shared/files/account-file.ts'
import { InstallationFile } from '#shared/files/installation-file.ts'
import { portalOrigin } from '../cloud/portal-address.ts'
import type { Clock, DeviceFactsPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { accountChanged } from '../reports/sentences.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { Storage } from '../storage/storage.ts'
import type { DeviceKey } from './device-key.ts'
import { post } from './portal-http.ts'

export type EndReason = Extract<AccountTopic, { status: 'disconnected' }>['reason']
export type Connected = Extract<AccountTopic, { status: 'connected' }>

export interface AccountService {
  load(): Promise<void>
  installation(): InstallationFile
  /** Null unless connected. */
  connected(): Connected | null
  signIn(email: string, password: string): Promise<void>
  create(email: string): Promise<{ sentAt: string }>
  /** Forgets the session; the key and everything local stay. `isTold` false: the portal has to be told later. */
  forget(isTold: boolean): Promise<void>
  /** Who this computer is to a portal that still has to be told that it left; null: nobody has to be told. */
  leaving(): AccountFile['leaving'] | null
  /** The portal knows. */
  left(): Promise<void>
  /** The portal ended the relation. */
  ended(reason: EndReason): Promise<void>
  /** What the portal says about name and address. */
  told(facts: { readonly deviceName?: string; readonly email?: string }): Promise<void>
}

export interface AccountDeps {
  readonly portalUrl: string
  readonly storage: Storage
  readonly key: DeviceKey
  readonly device: DeviceFactsPort
  readonly topics: Topics
  readonly history: History
  readonly clock: Clock
  /** Enrolled: runs before the connection is written down, so that what is told to this account starts anew. */
  readonly onEnrolled: (account: Connected) => Promise<void>
}

export function createAccountService(deps: AccountDeps): AccountService {
  return new AccountServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class AccountServiceObject implements AccountService {
  private readonly deps: AccountDeps
  private readonly storage: AccountDeps['storage']
  private readonly key: AccountDeps['key']
  private readonly device: AccountDeps['device']
  private readonly topics: AccountDeps['topics']
  private readonly history: AccountDeps['history']
  private readonly clock: AccountDeps['clock']
  private installationFile: InstallationFile | null = null
  private signingIn = false
  private pendingLeave: AccountFile['leaving'] | null = null

  constructor(deps: AccountDeps) {
    this.deps = deps
    this.storage = deps.storage
    this.key = deps.key
    this.device = deps.device
    this.topics = deps.topics
    this.history = deps.history
    this.clock = deps.clock
  }

  private saveAccount: (file: AccountFile) => Promise<void> = async () => undefined

  private saveInstallation: (file: InstallationFile) => Promise<void> = async () => undefined

  private readonly topic = () => this.topics.get('account')

  private readonly origin = () => portalOrigin(this.deps.portalUrl)

  private readonly installed = (): InstallationFile => {
    if (!this.installationFile) throw new ProductError('internal', 'account not loaded')
    return this.installationFile
  }

  private readonly become = async (account: AccountTopic, leaving: AccountFile['leaving'] | null = null) => {
    await this.saveAccount({
      version: 1,
      account,
      portalOrigin: account.status === 'signed-out' && !leaving ? null : this.origin(),
      ...(leaving ? { leaving } : {}),
    })
    this.pendingLeave = leaving
    this.topics.update('account', () => account)
  }

  readonly load = async (): Promise<void> => {
    const openedInstallation = await this.storage.openDocument('installation.json', InstallationFile)
    this.saveInstallation = openedInstallation.save
    this.installationFile = openedInstallation.value
    if (!this.installationFile) {
      const installationId = randomUUID() as InstallationId
      this.installationFile = {
        version: 1,
        installationId,
        installedAt: isoNow(this.clock),
        deviceName: defaultName(this.device.hostname),
      }
      await this.saveInstallation(this.installationFile)
    }
    const opened = await this.storage.openDocument('account.json', AccountFile)
    this.saveAccount = opened.save
    const file = opened.value
    // An account of another portal is left alone: it counts again when that portal is configured again.
    if (file && file.portalOrigin === safeOrigin(this.deps.portalUrl)) {
      this.pendingLeave = file.leaving ?? null
      this.topics.update('account', () => file.account)
    }
  }

  readonly signIn = async (email: string, password: string): Promise<void> => {
    if (this.topic().status === 'connected' || this.signingIn) throw new ProductError('already-running')
    this.signingIn = true
    try {
      const answer = await this.enrol(email, password)
      const account: Connected = {
        status: 'connected',
        email: answer.account,
        deviceId: answer.deviceId,
        deviceName: answer.name,
        connectedAt: isoNow(this.clock),
      }
      await this.deps.onEnrolled(account)
      await this.keepName(answer.name)
      await this.become(account)
      this.history.add(accountChanged(account))
    } finally {
      this.signingIn = false
    }
  }

  private readonly enrol = async (email: string, password: string) => {
    const { salt } = await post(this.origin(), accountApi.salt, { email })
    const { proof } = await derivePasswordKeys(webcrypto.subtle as unknown as SubtleLike, password, fromBase64(salt))
    const request: Omit<EnrolRequest, 'signature'> = {
      email,
      proof,
      publicKey: await this.key.publicKey(),
      installationId: this.installed().installationId,
      name: this.installed().deviceName,
      os: this.device.os.slice(0, 256),
      appVersion: this.device.appVersion.slice(0, 256),
      portalOrigin: this.origin(),
      issuedAt: isoNow(this.clock),
    }
    return post(this.origin(), deviceApi.enrol, { ...request, signature: await this.key.sign(enrolPrefix, request) })
  }

  private readonly keepName = async (deviceName: string): Promise<void> => {
    if (this.installed().deviceName === deviceName) return
    this.installationFile = { ...this.installed(), deviceName }
    await this.saveInstallation(this.installationFile)
  }

  readonly installation: AccountService['installation'] = (...given) => this.installed(...given)

  readonly connected: AccountService['connected'] = () => connectedOrNull(this.topic())

  readonly create: AccountService['create'] = async (email) => {
    await post(this.origin(), accountApi.create, { email })
    return { sentAt: isoNow(this.clock) }
  }

  readonly leaving: AccountService['leaving'] = () => this.pendingLeave

  readonly left: AccountService['left'] = async () => {
    if (this.pendingLeave) await this.become(this.topic())
  }

  readonly forget: AccountService['forget'] = async (isTold) => {
    const before = this.topic()
    if (before.status === 'signed-out') return
    const mustTell = before.status === 'connected' && !isTold
    await this.become({ status: 'signed-out' }, mustTell ? { deviceId: before.deviceId } : null)
    if (before.status === 'connected') this.history.add(accountChanged({ status: 'signed-out' }))
  }

  readonly ended: AccountService['ended'] = async (reason) => {
    const account = connectedOrNull(this.topic())
    if (!account) return
    const next: AccountTopic = { status: 'disconnected', email: account.email, reason, at: isoNow(this.clock) }
    await this.become(next)
    this.history.add(accountChanged(next))
  }

  readonly told: AccountService['told'] = async ({ deviceName, email }) => {
    const asked = this.connected()
    if (!asked) return
    if (deviceName !== undefined) await this.keepName(deviceName)
    // Meanwhile the portal may have told something else, or ended the relation.
    const account = this.connected()
    if (account?.deviceId !== asked.deviceId) return
    const next: Connected = {
      ...account,
      deviceName: deviceName ?? account.deviceName,
      email: email ?? account.email,
    }
    if (next.deviceName === account.deviceName && next.email === account.email) return
    await this.become(next)
  }
}

function connectedOrNull(account: AccountTopic): Connected | null {
  return account.status === 'connected' ? account : null
}

function safeOrigin(url: string): string | null {
  try {
    return portalOrigin(url)
  } catch {
    return null
  }
}

/** The host name, cut to what a device may be called. */
function defaultName(hostname: string): string {
  const parsed = DeviceName.safeParse(hostname.trim().slice(0, deviceNameMaxLength))
  return parsed.success ? parsed.data : 'Computer'
}
