// Live news from the portal to its web page over socket.io, namespace `/page`. The page asks over HTTP (http-api.ts);
// here it only listens. Every event is about the signed-in account alone.
import { z } from 'zod'
import { CommandRecord } from '../domain/command.ts'
import { DeviceCard } from '../domain/device.ts'
import { DeviceId } from '../domain/ids.ts'
import { Count, Timestamp } from '../domain/primitives.ts'
import { contract, event } from '../rpc/contract.ts'

export const pageNamespace = '/page'

export const pageContract = contract({
  calls: {},
  events: {
    'device.changed': event(DeviceCard),
    'device.removed': event(z.strictObject({ id: DeviceId })),
    'command.changed': event(CommandRecord),
    /** The detected objects of a device changed: fetch them again. */
    'detections.changed': event(z.strictObject({ deviceId: DeviceId, unprocessed: Count, at: Timestamp })),
    'session.ended': event(z.strictObject({})),
  },
})
export type PageContract = typeof pageContract
