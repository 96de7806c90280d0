// Why no copy of an object could be kept in Quarantine, and what helps: by the code of the failure, and always about the copy and
// its store, never about the object. English; pure; the same in the app, on the portal, in mails and in the history.
import type { ErrorCode } from '../errors.ts'

interface CopyWords {
  /** Short, lower case: after "Not touched:" and "Reason:". */
  readonly reason: string
  /** What happened and what to do. */
  readonly todo: string
}

const noAccess = 'has no access to its own folder of copies. Allow it and try again.'

/** `folder`: the subject of the sentence where something else is in its place. */
function replacedText(folder: string): string {
  return `${folder} in the data of the app was replaced by something else. Put it back and try again.`
}

/** Codes whose common words are about an object: here something else is in the place of the store's folder. */
const inTheWay: ReadonlySet<string> = new Set([
  'target-exists',
  'object-changed',
  'object-gone',
  'is-link',
  'not-regular-file',
])

const words: Partial<Record<ErrorCode, CopyWords>> = {
  'backup-failed': {
    reason: 'Quarantine is full',
    todo: 'Quarantine is full. Delete copies that are not needed, or choose a greater “Largest size of all copies” in the settings of the app, then try again.',
  },
  'disk-full': { reason: 'the disk is full', todo: 'The disk is full. Free some space and try again.' },
  'io-error': {
    reason: 'disk error at the copy',
    todo: 'The disk reported an error when the copy was written. Try again. If it stays, check the disk.',
  },
  'no-permission': { reason: 'no access to the folder of copies', todo: `The app ${noAccess}` },
  'read-only-volume': {
    reason: 'the disk of the copies is read-only',
    todo: 'The disk with the data of the app can only be read. Remove the write protection and try again.',
  },
  'secrets-unavailable': {
    reason: 'the keyring is not available',
    todo: 'The key of Quarantine is in the keyring of the computer, which does not answer. Unlock it and try again.',
  },
  'vault-key-lost': {
    reason: 'the key of Quarantine was lost',
    todo: 'The key of Quarantine was lost. Start the app again: new copies get a new key.',
  },
  'vault-damaged': {
    reason: 'the copy could not be read back',
    todo: 'The copy could not be read back. Try again. If it stays, check the disk.',
  },
  'storage-damaged': {
    reason: 'the list of copies is damaged',
    todo: 'The list of copies is damaged. Start the app again, then try again.',
  },
}

/** Why no copy could be kept, short. */
export function noCopyReason(code: ErrorCode | undefined): string {
  if (code === 'too-large') return 'too large for a copy'
  if (code !== undefined && inTheWay.has(code)) return 'the folder of copies was replaced'
  return (code && words[code]?.reason) ?? 'no copy could be kept'
}

/**
 * What happened and what to do, of `count` objects that share the reason; undefined or '': they do not. `where`: the app, as
 * it is called where this is read.
 */
export function noCopyTodo(code: string | undefined, count = 1, where = ' in the app on the computer'): string {
  const [it, itIs] = count === 1 ? ['It', 'It is'] : ['They', 'They are']
  if (code === 'too-large') {
    return `${itIs} larger than what Quarantine keeps unasked. ${it} can be disinfected with a large copy, or deleted without a copy${where}.`
  }
  if (code !== undefined && inTheWay.has(code)) return replacedText('The folder of copies')
  return words[code as ErrorCode]?.todo ?? (code ? 'Try again.' : 'The reason is in each row of Detected objects.')
}

/** Why the store as a whole cannot be used; undefined where the code's common words say it. */
export function storeTodo(code: ErrorCode): string | undefined {
  if (inTheWay.has(code)) return replacedText('Its folder')
  return code === 'no-permission' ? words['no-permission']?.todo : undefined
}
