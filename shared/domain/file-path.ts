// A path as people read it and, when that text is not the whole truth, the bytes it really is.
// Owns the wire form; turning bytes into text is done by the engine (electron/engine/files/path-text.ts).
import { z } from 'zod'

/**
 * `text`: for display; control characters and bytes that are no UTF-8 are escaped as `\xNN`.
 * `bytes`: base64 of the real path, present exactly when `text` in UTF-8 is not the real path.
 */
export const FilePath = z.strictObject({
  text: z.string().min(1).max(20_000),
  bytes: z.base64().max(24_000).optional(),
})
export type FilePath = z.infer<typeof FilePath>
