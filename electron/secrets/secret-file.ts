// secrets.json: where each secret of this installation lies, and the values themselves while the keyring cannot be used.
// Mode 0600. A damaged file is set aside and reported, never overwritten.
import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { ProductError } from '#shared/errors.ts'

/** Name of the file inside the data folder. */
export const secretFileName = 'secrets.json'

const Name = z.string().min(1).max(120)

const SecretFile = z.strictObject({
  version: z.literal(1),
  /** Names of secrets that are in the keyring: one that is missing there is unreachable, not unknown. */
  inKeyring: z.array(Name).max(100),
  /** Secrets that are here. */
  values: z.record(Name, z.string().max(16_384)),
  /** When the keyring last hung; asking it again opens a prompt on the person's screen. */
  stuckAt: z.iso.datetime().nullable(),
})
export type SecretFile = z.infer<typeof SecretFile>

const empty: SecretFile = { version: 1, inKeyring: [], values: {}, stuckAt: null }

/** Reads the file; a missing one is an empty one. `onDamaged` is told the name a damaged one was given. */
export async function readSecretFile(file: string, onDamaged: (setAside: string) => void): Promise<SecretFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new ProductError('secrets-unavailable', undefined, { cause: error })
  })
  if (text === null) return empty
  const parsed = SecretFile.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const setAside = `${file}.damaged-${Date.now()}`
  await rename(file, setAside)
  onDamaged(setAside)
  return empty
}

/** The whole text of the file. */
export function secretFileText(content: SecretFile): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
