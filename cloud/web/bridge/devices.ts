// Everything the page asks about devices, commands and detected objects. Writes the mirror; never decides what a person
// may do (the portal does).
import { deviceApi } from '#shared/cloud-protocol/http-api.ts'
import type { CommandBody, CommandRecord } from '#shared/domain/command.ts'
import type { Detection } from '#shared/domain/detection.ts'
import { CommandId, type DetectionId, type DeviceId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import {
  emptyMirror,
  mirrorStore,
  withAnswer,
  withCommands,
  withListedCommands,
  withoutDevice,
  withSnapshot,
} from '../state/mirror.ts'
import { request } from './http.ts'

export type GroupAction = 'process' | 'copy-to-quarantine' | 'skip' | 'delete'
export type ObjectsView = 'to-review' | 'treated' | 'all'

let asked = 0
/** The newest request for all devices whose answer is in the mirror. */
let answered = 0

/** Fetches all devices; false when that failed (the mirror then says why). An older answer never replaces a newer one. */
export async function loadDevices(): Promise<boolean> {
  const mine = ++asked
  const askedAtEvent = mirrorStore.getState().events
  try {
    const { devices } = await request(deviceApi.list, {})
    if (mine > answered) {
      answered = mine
      mirrorStore.setState((mirror) => withSnapshot(mirror, devices, askedAtEvent))
    }
    return true
  } catch (error) {
    if (mine > answered) mirrorStore.setState({ failure: error })
    return false
  }
}

/** Empties the mirror. What was asked for until now is for somebody who has signed out. */
export function forgetDevices(): void {
  answered = asked
  mirrorStore.setState(emptyMirror, true)
}

/** Fetches the newest commands of a device, or those before a time; answers how many came. */
export async function loadCommands(deviceId: DeviceId, before?: string): Promise<number> {
  const { commands } = await request(deviceApi.commands, {
    params: { deviceId },
    query: before === undefined ? { limit: 50 } : { limit: 50, before },
  })
  mirrorStore.setState((mirror) => withListedCommands(mirror, deviceId, commands))
  return commands.length
}

/** Asks a device to do something, under an id of its own (`newCommandId`): sent twice, it is done once. */
export async function sendCommand(deviceId: DeviceId, id: CommandId, body: CommandBody): Promise<CommandRecord> {
  const { command } = await request(deviceApi.command, { params: { deviceId }, body: { id, body } })
  mirrorStore.setState((mirror) => withCommands(mirror, deviceId, [command]))
  return command
}

/** Acts on the whole group of unprocessed objects as the portal knows it now. */
export async function actOnGroup(deviceId: DeviceId, id: CommandId, action: GroupAction): Promise<CommandRecord> {
  const { command } = await request(deviceApi.actOnGroup, { params: { deviceId }, body: { id, action } })
  mirrorStore.setState((mirror) => withCommands(mirror, deviceId, [command]))
  return command
}

/** Cancels a planned command. */
export async function cancelCommand(deviceId: DeviceId, commandId: CommandId): Promise<CommandRecord> {
  const { command } = await request(deviceApi.cancel, { params: { deviceId, commandId } })
  mirrorStore.setState((mirror) => withCommands(mirror, deviceId, [command]))
  return command
}

/** Gives a device another name. */
export async function renameDevice(deviceId: DeviceId, name: string): Promise<void> {
  const askedAtEvent = mirrorStore.getState().events
  const { device } = await request(deviceApi.rename, { params: { deviceId }, body: { name } })
  mirrorStore.setState((mirror) => withAnswer(mirror, device, askedAtEvent))
}

/** Disconnects a device from the account. */
export async function removeDevice(deviceId: DeviceId): Promise<void> {
  await request(deviceApi.remove, { params: { deviceId } })
  mirrorStore.setState((mirror) => withoutDevice(mirror, deviceId))
}

/** One page of detected objects. */
export function fetchObjects(deviceId: DeviceId, view: ObjectsView, limit: number) {
  return request(deviceApi.detections, { params: { deviceId }, query: { view, limit, offset: 0 } })
}

/** Objects as the portal knows them now, in the order of their ids; without those it does not know any more. */
export async function fetchObjectsById(deviceId: DeviceId, ids: readonly DetectionId[]): Promise<readonly Detection[]> {
  const found = await Promise.all(ids.map((detectionId) => fetchObject(deviceId, detectionId)))
  return found.filter((object) => object !== undefined)
}

async function fetchObject(deviceId: DeviceId, detectionId: DetectionId): Promise<Detection | undefined> {
  try {
    return (await request(deviceApi.detection, { params: { deviceId, detectionId } })).detection
  } catch (error) {
    if (codeOf(error) === 'not-found') return undefined
    throw error
  }
}

/** Made by the page before it asks, so that it knows its own command whatever is told of it first. */
export function newCommandId(): CommandId {
  return CommandId.parse(crypto.randomUUID())
}
