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
import type { Clock, DeviceFactsPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { accountChanged } from '../reports/sentences.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { Storage } from '../storage/storage.ts'
import { portalOrigin } from '../cloud/portal-address.ts'
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
  /** Forgets the session; the key and everything local stay. */
  forget(): Promise<void>
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
  const { storage, key, device, topics, history, clock } = deps
  let saveAccount: (file: AccountFile) => Promise<void> = async () => undefined
  let saveInstallation: (file: InstallationFile) => Promise<void> = async () => undefined
  let installation: InstallationFile | null = null
  let signingIn = false

  const topic = () => topics.get('account')
  const origin = () => portalOrigin(deps.portalUrl)

  function installed(): InstallationFile {
    if (!installation) throw new ProductError('internal', 'account not loaded')
    return installation
  }

  async function become(account: AccountTopic): Promise<void> {
    await saveAccount({ version: 1, account, portalOrigin: account.status === 'signed-out' ? null : origin() })
    topics.update('account', () => account)
  }

  async function load(): Promise<void> {
    const openedInstallation = await storage.openDocument('installation.json', InstallationFile)
    saveInstallation = openedInstallation.save
    installation = openedInstallation.value
    if (!installation) {
      const installationId = randomUUID() as InstallationId
      installation = { version: 1, installationId, installedAt: isoNow(clock), deviceName: defaultName(device.hostname) }
      await saveInstallation(installation)
    }
    const opened = await storage.openDocument('account.json', AccountFile)
    saveAccount = opened.save
    const file = opened.value
    // An account of another portal is left alone: it counts again when that portal is configured again.
    if (file && file.portalOrigin === safeOrigin(deps.portalUrl)) topics.update('account', () => file.account)
  }

  async function signIn(email: string, password: string): Promise<void> {
    if (topic().status === 'connected' || signingIn) throw new ProductError('already-running')
    signingIn = true
    try {
      const answer = await enrol(email, password)
      const account: Connected = {
        status: 'connected',
        email: answer.account,
        deviceId: answer.deviceId,
        deviceName: answer.name,
        connectedAt: isoNow(clock),
      }
      await deps.onEnrolled(account)
      await keepName(answer.name)
      await become(account)
      history.add(accountChanged(account))
    } finally {
      signingIn = false
    }
  }

  async function enrol(email: string, password: string) {
    const { salt } = await post(origin(), accountApi.salt, { email })
    const { proof } = await derivePasswordKeys(webcrypto.subtle as unknown as SubtleLike, password, fromBase64(salt))
    const request: Omit<EnrolRequest, 'signature'> = {
      email,
      proof,
      publicKey: await key.publicKey(),
      installationId: installed().installationId,
      name: installed().deviceName,
      os: device.os.slice(0, 256),
      appVersion: device.appVersion.slice(0, 256),
      portalOrigin: origin(),
      issuedAt: isoNow(clock),
    }
    return post(origin(), deviceApi.enrol, { ...request, signature: await key.sign(enrolPrefix, request) })
  }

  async function keepName(deviceName: string): Promise<void> {
    if (installed().deviceName === deviceName) return
    installation = { ...installed(), deviceName }
    await saveInstallation(installation)
  }

  return {
    load,
    installation: installed,
    connected: () => connectedOrNull(topic()),
    signIn,
    async create(email) {
      await post(origin(), accountApi.create, { email })
      return { sentAt: isoNow(clock) }
    },
    async forget() {
      const before = topic().status
      if (before === 'signed-out') return
      await become({ status: 'signed-out' })
      if (before === 'connected') history.add(accountChanged({ status: 'signed-out' }))
    },
    async ended(reason) {
      const account = connectedOrNull(topic())
      if (!account) return
      const next: AccountTopic = { status: 'disconnected', email: account.email, reason, at: isoNow(clock) }
      await become(next)
      history.add(accountChanged(next))
    },
    async told({ deviceName, email }) {
      const account = connectedOrNull(topic())
      if (!account) return
      const next: Connected = { ...account, deviceName: deviceName ?? account.deviceName, email: email ?? account.email }
      if (next.deviceName === account.deviceName && next.email === account.email) return
      await keepName(next.deviceName)
      await become(next)
    },
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
export function defaultName(hostname: string): string {
  const parsed = DeviceName.safeParse(hostname.trim().slice(0, deviceNameMaxLength))
  return parsed.success ? parsed.data : 'Computer'
}
