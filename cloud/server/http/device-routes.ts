// The device routes. Owns nothing but the way from a request to the services; every one of them looks inside the account.
import { deviceApi } from '#shared/cloud-protocol/http-api.ts'
import type { Commands } from '../commands/command-service.ts'
import type { Detections } from '../detections/detection-list.ts'
import type { Devices } from '../devices/device-service.ts'
import { type EnrolDeps, enrol } from '../devices/enrol.ts'
import type { Routes } from './routes.ts'

export interface DeviceRouteDeps extends EnrolDeps {
  readonly devices: Devices
  readonly commands: Commands
  readonly detections: Detections
}

export function registerDeviceRoutes(routes: Routes, deps: DeviceRouteDeps): void {
  const { devices, detections } = deps
  routes.open(deviceApi.enrol, ({ body }, { networkAddress }) => enrol(deps, body, networkAddress))
  routes.signedIn(deviceApi.list, async (_input, who) => ({ devices: await devices.list(who.accountId) }))
  routes.signedIn(deviceApi.get, async ({ params }, who) => ({
    device: await devices.card(who.accountId, params.deviceId),
  }))
  routes.signedIn(deviceApi.rename, async ({ params, body }, who) => ({
    device: await devices.rename(who.accountId, params.deviceId, body.name),
  }))
  routes.signedIn(deviceApi.remove, async ({ params }, who) => {
    await devices.remove(who.accountId, params.deviceId, 'device-removed')
    return {}
  })
  routes.signedIn(deviceApi.detections, ({ params, query }, who) =>
    detections.list(who.accountId, params.deviceId, query),
  )
  routes.signedIn(deviceApi.detection, async ({ params }, who) => ({
    detection: await detections.one(who.accountId, params.deviceId, params.detectionId),
  }))
  registerCommandRoutes(routes, deps)
}

function registerCommandRoutes(routes: Routes, { commands }: DeviceRouteDeps): void {
  routes.signedIn(deviceApi.commands, async ({ params, query }, who) => ({
    commands: await commands.list(who.accountId, params.deviceId, query),
  }))
  routes.signedIn(deviceApi.command, async ({ params, body }, who) => ({
    command: await commands.create(who, params.deviceId, body.id, body.body),
  }))
  routes.signedIn(deviceApi.actOnGroup, async ({ params, body }, who) => ({
    command: await commands.actOnGroup(who, params.deviceId, body.id, body.action),
  }))
  routes.signedIn(deviceApi.cancel, async ({ params }, who) => ({
    command: await commands.cancel(who.accountId, params.deviceId, params.commandId),
  }))
}
