// One line of a `.cure` file in a folder of signature databases: how a program is made whole again that one known virus has
// attached itself to. Owns the form; electron/engine/treat/cures/recipe-cure.ts carries it out.
import { z } from 'zod'
import { Sha256 } from '../domain/primitives.ts'

const mostBytes = 256 * 1024 * 1024

/** A place in a file; a negative one counts from the end: -1 is the last byte. */
const Place = z.number().int().min(-mostBytes).max(mostBytes)
const Size = z.number().int().min(1).max(mostBytes)
/** Bytes in hexadecimal. */
const Bytes = z.string().regex(/^(?:[0-9a-f]{2}){1,4096}$/i)
/** Bytes in hexadecimal; `??` is any byte. */
const Pattern = z.string().regex(/^(?:[0-9a-f]{2}|\?\?){1,4096}$/i)

export const CureRecipe = z
  .strictObject({
    /** Of the detection; with `*` at its end, any name that begins like this. */
    threat: z.string().regex(/^[^*\s]{3,255}\*?$/),
    /** What the result has to be, by its own headers. */
    format: z.enum(['elf', 'pe']),
    /** Bytes that the infected file has to have. */
    size: z.strictObject({ min: Size.optional(), max: Size.optional() }).optional(),
    /** What the infected file has to have in it: all of these. */
    match: z
      .array(z.strictObject({ at: Place, bytes: Pattern }))
      .min(1)
      .max(32),
    /**
     * Pieces of the infected file that belong elsewhere: from, how many bytes, to. A length of 0 or less ends so many bytes before
     * the end of the infected file. Places are those of the infected file.
     */
    restore: z
      .array(z.tuple([Place, Place, Place]))
      .max(64)
      .optional(),
    /** Length of the result: bytes; negative: so many fewer than the infected file; or a little-endian number in it. */
    truncate: z
      .union([Place, z.strictObject({ at: Place, bytes: z.union([z.literal(2), z.literal(4), z.literal(8)]) })])
      .optional(),
    /** Last: bytes that are written into the result, or zeros. Places are those of the result. */
    fixups: z
      .array(z.union([z.strictObject({ at: Place, bytes: Bytes }), z.strictObject({ at: Place, zeros: Size })]))
      .max(64)
      .optional(),
    /** When only one file can come out. */
    sha256After: Sha256.optional(),
  })
  .refine(({ restore, truncate, fixups }) => restore !== undefined || truncate !== undefined || fixups !== undefined, {
    message: 'it changes nothing',
  })
export type CureRecipe = z.infer<typeof CureRecipe>
