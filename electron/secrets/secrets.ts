// Where secrets are kept: the keyring of the system while it works, else a file that only its owner can read, and which
// of the two is told. Once on the file an installation stays there until the keyring works again; then all of it moves.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { codeOf, ProductError } from '#shared/errors.ts'
import { readSecretFile, type SecretFile, secretFileName, secretFileText } from './secret-file.ts'

/** The keyring. Fails with `secrets-unavailable`; detail `stuck` when it hung. */
export interface Keyring {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** The store of one installation, for the app and the command line alike. */
export interface Secrets {
  /** Null only when there surely is none: what cannot be reached now throws `secrets-unavailable`. */
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /** Where they are kept; unknown before the first use. */
  kind(): SecretStorage | 'unknown'
}

export interface SecretsOptions {
  readonly keyring: Keyring
  readonly dataDir: string
  /** Replaces the whole content of a file that only its owner can read: the old or the new one, never a part. */
  readonly replaceFile: (file: string, text: string) => void | Promise<void>
  readonly now: () => Date
  readonly onStorage: (storage: SecretStorage) => void
  readonly onDamaged: (setAside: string) => void
}

export type SecretStorage = 'keyring' | 'file'

const probeName = 'probe'
const retryStuckAfterMs = 7 * 24 * 3_600_000

/** Decides at the first use; acts run one after another. */
export function createSecrets(given: SecretsOptions): Secrets {
  let kind: ReturnType<Secrets['kind']> = 'unknown'
  const options: SecretsOptions = {
    ...given,
    onStorage: (storage) => {
      kind = storage
      given.onStorage(storage)
    },
  }
  let opened: Promise<Store> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: (store: Store) => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      opened ??= openStore(options)
      // A file that could not be read may be readable at the next try.
      opened.catch(() => {
        opened = undefined
      })
      return run(await opened)
    })
    last = turn.catch(() => undefined)
    return turn
  }
  return {
    get: (name) => inTurn((store) => store.get(name)),
    set: (name, value) => inTurn((store) => store.set(name, value)),
    delete: (name) => inTurn((store) => store.delete(name)),
    kind: () => kind,
  }
}

type Store = Keyring

async function openStore(options: SecretsOptions): Promise<Store> {
  const content = await readSecretFile(fileOf(options), options.onDamaged)
  if (!mayAskKeyring(content, options.now())) return fileStore(options, content)
  const failure = await probe(options.keyring)
  if (failure === null) return keyringStore(options, await moveIntoKeyring(options, content))
  const stuckAt = isStuck(failure) ? options.now().toISOString() : content.stuckAt
  return fileStore(options, await save(options, { ...content, stuckAt }))
}

/** Nothing can stand in for what is in the keyring, so then it is always asked. */
function mayAskKeyring(content: SecretFile, now: Date): boolean {
  if (content.inKeyring.length > 0) return true
  return content.stuckAt === null || now.getTime() - Date.parse(content.stuckAt) > retryStuckAfterMs
}

/** Null when what is written can be read again: a locked keyring answers reads with nothing and hangs on writes. */
async function probe(keyring: Keyring): Promise<unknown> {
  const value = randomUUID()
  try {
    await keyring.set(probeName, value)
    const read = await keyring.get(probeName)
    if (read !== value) return new ProductError('secrets-unavailable')
    await keyring.delete(probeName)
    return null
  } catch (error) {
    return error
  }
}

const fileOf = ({ dataDir }: SecretsOptions) => path.join(dataDir, secretFileName)

const isStuck = (error: unknown) =>
  codeOf(error) === 'secrets-unavailable' && (error as ProductError).detail === 'stuck'

async function save(options: SecretsOptions, content: SecretFile): Promise<SecretFile> {
  await options.replaceFile(fileOf(options), secretFileText(content))
  return content
}

/** One by one, each gone from the file only once the keyring has it. */
async function moveIntoKeyring(options: SecretsOptions, content: SecretFile): Promise<SecretFile> {
  let current: SecretFile = { ...content, stuckAt: null }
  for (const [name, value] of Object.entries(content.values)) {
    await options.keyring.set(name, value)
    const { [name]: _moved, ...values } = current.values
    current = await save(options, { ...current, values, inKeyring: withName(current, name) })
  }
  return current
}

function keyringStore(options: SecretsOptions, initial: SecretFile): Store {
  let content = initial
  let fallback: Store | undefined
  options.onStorage('keyring')
  return {
    get: async (name) => {
      if (fallback) return fallback.get(name)
      const value = await options.keyring.get(name)
      if (value === null && content.inKeyring.includes(name)) throw new ProductError('secrets-unavailable')
      return value
    },
    set: async (name, value) => {
      if (fallback) return fallback.set(name, value)
      try {
        await options.keyring.set(name, value)
        if (!content.inKeyring.includes(name))
          content = await save(options, { ...content, inKeyring: withName(content, name) })
      } catch (error) {
        if (codeOf(error) !== 'secrets-unavailable') throw error
        // A new secret must not be lost because the keyring was locked meanwhile.
        fallback = fileStore(options, { ...content, stuckAt: isStuck(error) ? options.now().toISOString() : null })
        await fallback.set(name, value)
      }
    },
    delete: async (name) => {
      if (fallback) return fallback.delete(name)
      await options.keyring.delete(name)
      content = await save(options, { ...content, inKeyring: withoutName(content, name) })
    },
  }
}

function fileStore(options: SecretsOptions, initial: SecretFile): Store {
  let content = initial
  options.onStorage('file')
  return {
    get: async (name) => {
      const value = Object.hasOwn(content.values, name) ? content.values[name] : undefined
      if (value !== undefined) return value
      if (content.inKeyring.includes(name)) throw new ProductError('secrets-unavailable')
      return null
    },
    set: async (name, value) => {
      content = await save(options, {
        ...content,
        values: { ...content.values, [name]: value },
        inKeyring: withoutName(content, name),
      })
    },
    delete: async (name) => {
      const { [name]: _deleted, ...values } = content.values
      content = await save(options, { ...content, values, inKeyring: withoutName(content, name) })
    },
  }
}

const withName = (content: SecretFile, name: string) => [...withoutName(content, name), name]
const withoutName = (content: SecretFile, name: string) => content.inKeyring.filter((known) => known !== name)
