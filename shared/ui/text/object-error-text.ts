// The words of failures that are about one object, its copy or its place: what happened, what to do, the short reason.
// Owns sentences; a part of error-text.ts.
import type { ErrorCode } from '#shared/errors.ts'
import { type ErrorText, text } from './error-words.ts'

export const objectErrorTexts = {
  'object-changed': text(
    'The object has changed since it was found',
    'It was not touched. Scan it again.',
    'changed since it was found',
  ),
  'object-gone': text('The object is gone', 'There is nothing left to do.', 'no longer there'),
  'object-protected': text(
    'The object belongs to the system',
    'It was not touched. This may be a false alarm: update the databases and scan it again. If it is still detected, install its package anew.',
    'system file',
  ),
  'is-link': text('The object is a link', 'It was not touched.', 'it is a link'),
  'not-regular-file': text('The object is not a regular file', 'It was not touched.', 'not a regular file'),
  'no-permission': text(
    'No access',
    'The app has no rights to this place. Remove the object as an administrator.',
    'no access',
  ),
  'read-only-volume': text(
    'The drive is read-only',
    'Remove the write protection and try again.',
    'drive is read-only',
  ),
  'in-use': text('The object is in use', 'Close the program that uses it and try again.', 'in use by a program'),
  'cannot-disinfect': text(
    'The object cannot be disinfected',
    'Delete it; a copy is kept in Quarantine.',
    'cannot be disinfected',
  ),
  'mail-store': text(
    'A mailbox is never deleted by itself',
    'Delete the message in the mail program, or the whole mailbox here with Delete; a copy is kept in Quarantine.',
    'a mailbox is never deleted by itself',
  ),
  'backup-failed': text(
    'No copy could be kept',
    'The object was not touched. Free some space and try again.',
    'no copy could be kept',
  ),
  'disk-full': text('The disk is full', 'Free some space and try again.', 'disk is full'),
  'io-error': text('The disk reported an error', 'Try again. If it stays, check the disk.', 'disk error'),
  'still-detected': text('The object is still detected', 'Restore it only with an exclusion.', 'still detected'),
  'target-exists': text(
    'A file with this name is already there',
    'Choose another folder or name.',
    'a file with this name exists',
  ),
  'vault-damaged': text(
    'The copy in Quarantine is damaged',
    'It cannot be restored. The other copies are safe.',
    'the copy is damaged',
  ),
  'vault-key-lost': text(
    'The key of the copy in Quarantine was lost',
    'It cannot be restored. New copies have a new key.',
    'the key of the copy was lost',
  ),
  'copy-gone': text(
    'The copy is not in Quarantine any more',
    'It ran out or was deleted, so this cannot be undone.',
    'the copy is not in Quarantine any more',
  ),
  'needs-manual-removal': text(
    'Manual removal needed',
    'It could not be removed after three restarts. Start the computer from another system to remove it.',
    'manual removal needed',
  ),
  'boot-image-old': text(
    'The boot image still holds it',
    'The file is removed, but the image that the computer starts from was made before. Make the boot image anew (update-initramfs -u, dracut --force or mkinitcpio -P, as administrator), then restart.',
    'the boot image has to be made anew',
  ),
  'needs-administrator': text(
    'An administrator is needed',
    'The object was not touched. Only an administrator of the computer can change it.',
    'an administrator is needed',
  ),
  unfinished: text(
    'The treatment could not be finished',
    'It was cut off and can be neither finished nor undone now, for example because its drive is not connected. The object may be missing from its place. The app tries again by itself every few minutes.',
    'not finished yet',
  ),
  unsupported: text(
    'Not possible on this system',
    'This version cannot treat objects safely on this operating system. The object was not touched; remove it by hand.',
    'not possible on this system',
  ),
} as const satisfies Partial<Record<ErrorCode, ErrorText>>
