// Branded identifiers. All are random UUIDs made by the side that creates the thing.
import { z } from 'zod'

export const ScanId = z.uuid().brand<'ScanId'>()
export type ScanId = z.infer<typeof ScanId>
export const DetectionId = z.uuid().brand<'DetectionId'>()
export type DetectionId = z.infer<typeof DetectionId>
export const QuarantineId = z.uuid().brand<'QuarantineId'>()
export type QuarantineId = z.infer<typeof QuarantineId>
export const DeviceId = z.uuid().brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>
export const CommandId = z.uuid().brand<'CommandId'>()
export type CommandId = z.infer<typeof CommandId>
export const AccountId = z.uuid().brand<'AccountId'>()
export type AccountId = z.infer<typeof AccountId>
export const InstallationId = z.uuid().brand<'InstallationId'>()
export type InstallationId = z.infer<typeof InstallationId>
