// Why something did not work, as the end of a sentence about an object or a command. English; never a code.
import type { ErrorCode } from '#shared/errors.ts'

const words: Partial<Record<ErrorCode, string>> = {
  'already-running': 'another scan is running',
  'app-running': 'the app is using this data folder',
  'backup-failed': 'no copy could be kept in Quarantine',
  'bad-path': 'the path cannot be used',
  'cannot-disinfect': 'it cannot be disinfected without losing what is good in it',
  'command-expired': 'the command had expired',
  'deadline-exceeded': 'the scanner engine did not answer in time',
  'copy-gone': 'its copy is not in Quarantine any more',
  declined: 'it was declined on this computer',
  'disk-full': 'the disk is full',
  'engine-crash': 'the scanner engine stopped',
  'engine-unavailable': 'the scanner engine does not run',
  forbidden: 'it is not allowed',
  'in-use': 'another program is using it',
  'io-error': 'the disk could not be read or written',
  'is-link': 'it is a link',
  'mail-store': 'a mailbox is never deleted by itself',
  'needs-administrator': 'an administrator is needed to change it',
  'boot-image-old': 'the file is removed, but the boot image still holds it and has to be made anew',
  'needs-manual-removal': 'it came back after every restart and has to be removed by hand',
  'no-permission': 'there is no permission to change it',
  'not-cancellable': 'it was already granted',
  'not-found': 'it was not found',
  'not-regular-file': 'it is not a regular file',
  'object-changed': 'it changed since it was scanned',
  'object-gone': 'it is gone',
  'object-protected': 'the system needs it',
  'peer-gone': 'the scanner engine stopped',
  'read-only-volume': 'its disk can only be read',
  'restart-already-asked': 'a restart was already asked for',
  'restart-refused': 'the system did not let the app restart the computer',
  'scan-unknown': 'that scan was not running any more',
  'secrets-unavailable': 'the key of Quarantine could not be read',
  'still-detected': 'it is still detected',
  'target-exists': 'there is already a file at that place',
  unfinished: 'it was cut off and is tried again as soon as its place can be reached',
  unsupported: 'it cannot be treated safely on this operating system',
  'too-large': 'it is too large for a copy in Quarantine',
  'vault-damaged': 'the copy in Quarantine is damaged',
  'vault-key-lost': 'the key of the copy in Quarantine was lost',
  aborted: 'it was interrupted',
}

/** "the disk is full". */
export function reasonWords(code: ErrorCode | undefined): string {
  return (code && words[code]) ?? 'something unexpected went wrong'
}
