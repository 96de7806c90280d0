// The page's mirror of the account's devices and commands, and how fresh it is. Written only by bridge/ through the pure
// functions below; screens read narrow parts of it.
import { create } from 'zustand'
import { type CommandRecord, mayFollow } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'

export interface Mirror {
  readonly devices: ReadonlyMap<string, DeviceCard>
  /** For each device the number of the event that told of it last; removed devices keep theirs. */
  readonly touched: ReadonlyMap<string, number>
  /** Events received so far. */
  readonly events: number
  readonly loaded: boolean
  readonly failure: unknown
  readonly link: 'connecting' | 'live' | 'stale'
  /** When the mirror was last known to be true; set while the link is stale. */
  readonly asOf: string | undefined
  /** Grows with every snapshot: what was fetched before may be old. */
  readonly epoch: number
  /** Newest first, by device. Only of devices somebody looked at, or heard of live. */
  readonly commands: ReadonlyMap<string, readonly CommandRecord[]>
  /** Grows when the detected objects of a device changed. */
  readonly objectsVersion: ReadonlyMap<string, number>
}

export const emptyMirror: Mirror = {
  devices: new Map(),
  touched: new Map(),
  events: 0,
  loaded: false,
  failure: undefined,
  link: 'connecting',
  asOf: undefined,
  epoch: 0,
  commands: new Map(),
  objectsVersion: new Map(),
}

export const mirrorStore = create<Mirror>(() => emptyMirror)

const commandsKept = 500

/** A device changed or is new. */
export function withDevice(mirror: Mirror, card: DeviceCard): Mirror {
  const events = mirror.events + 1
  return {
    ...mirror,
    events,
    devices: new Map(mirror.devices).set(card.id, card),
    touched: new Map(mirror.touched).set(card.id, events),
  }
}

/** One device as the portal answered it; asked for as a snapshot is: what an event told since then stays, also that it is gone. */
export function withAnswer(mirror: Mirror, card: DeviceCard, askedAtEvent: number): Mirror {
  const isOld = !mirror.devices.has(card.id) || (mirror.touched.get(card.id) ?? 0) > askedAtEvent
  return isOld ? mirror : withDevice(mirror, card)
}

/** A device was disconnected from the account. */
export function withoutDevice(mirror: Mirror, id: string): Mirror {
  const events = mirror.events + 1
  const devices = new Map(mirror.devices)
  devices.delete(id)
  return { ...mirror, events, devices, touched: new Map(mirror.touched).set(id, events) }
}

/**
 * The whole list as the portal answered it. It was asked for when `askedAtEvent` events had been received: what an event
 * told since then is newer than this answer and stays.
 */
export function withSnapshot(mirror: Mirror, cards: readonly DeviceCard[], askedAtEvent: number): Mirror {
  const isNewer = (id: string) => (mirror.touched.get(id) ?? 0) > askedAtEvent
  const devices = new Map<string, DeviceCard>()
  for (const card of cards) if (!isNewer(card.id)) devices.set(card.id, card)
  for (const [id, card] of mirror.devices) if (isNewer(id)) devices.set(id, card)
  return { ...mirror, devices, loaded: true, failure: undefined, epoch: mirror.epoch + 1 }
}

/** Commands of one device, merged: a command never goes back in its life. */
export function withCommands(mirror: Mirror, deviceId: string, records: readonly CommandRecord[]): Mirror {
  const merged = new Map((mirror.commands.get(deviceId) ?? []).map((record) => [record.id, record]))
  for (const record of records) {
    const known = merged.get(record.id)
    if (known === undefined || isNewer(record, known)) merged.set(record.id, record)
  }
  const list = [...merged.values()]
    .sort((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt))
    .slice(0, commandsKept)
  return { ...mirror, commands: new Map(mirror.commands).set(deviceId, list) }
}

/**
 * Commands as the portal lists them: how far one is that runs it writes down every few seconds only, so what was told of it live
 * stays where that is further.
 */
export function withListedCommands(mirror: Mirror, deviceId: string, records: readonly CommandRecord[]): Mirror {
  const known = new Map((mirror.commands.get(deviceId) ?? []).map((record) => [record.id, record]))
  const percentOf = ({ progress }: CommandRecord) => progress?.percent ?? 0
  const newest = records.map((record) => {
    const told = known.get(record.id)
    return told?.times.length === record.times.length && percentOf(told) > percentOf(record) ? told : record
  })
  return withCommands(mirror, deviceId, newest)
}

/** More steps are newer news, even where an unconfirmed end turns out to have been none. */
function isNewer(record: CommandRecord, known: CommandRecord): boolean {
  return record.times.length > known.times.length || !mayFollow(record.status, known.status)
}

/** The detected objects of a device must be fetched again. */
export function withObjectsChanged(mirror: Mirror, deviceId: string): Mirror {
  const version = (mirror.objectsVersion.get(deviceId) ?? 0) + 1
  return { ...mirror, objectsVersion: new Map(mirror.objectsVersion).set(deviceId, version) }
}

/** The line to the portal is gone; what is shown is as of `at`. */
export function withStaleLink(mirror: Mirror, at: string): Mirror {
  return { ...mirror, link: 'stale', asOf: mirror.link === 'stale' ? mirror.asOf : at }
}

/** The line is open and the snapshot taken over it was applied. */
export function withLiveLink(mirror: Mirror): Mirror {
  return { ...mirror, link: 'live', asOf: undefined }
}
