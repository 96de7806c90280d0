// Bounded building blocks of every schema: no string or number crosses a boundary without a limit.
import { z } from 'zod'

/** A moment, ISO 8601 in UTC. Fields are named `...At`. */
export const Timestamp = z.iso.datetime().max(40)
export type Timestamp = z.infer<typeof Timestamp>
/** A length of time in milliseconds. Fields are named `...Ms`. */
export const DurationMs = z.number().int().nonnegative()
export const Count = z.number().int().nonnegative()
export const Bytes = z.number().int().nonnegative()
/** dev, ino and nanosecond times do not fit a double: decimal strings. */
export const BigDecimal = z.string().regex(/^\d{1,24}$/)
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const Md5 = z.string().regex(/^[0-9a-f]{32}$/)
export const ShortText = z.string().max(256)
export const LongText = z.string().max(4096)
export const Email = z.email().max(254)
/** A revision counter: grows by one with every change of what it belongs to. */
export const Revision = z.number().int().nonnegative()
