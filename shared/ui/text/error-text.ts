// The words of every expected failure: what happened, what to do, and the short reason after "Failed:".
// Owns sentences; codes live in shared/errors.ts. A code without words does not compile.
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { formatDuration } from '../format/duration.ts'
import { type ErrorText, text } from './error-words.ts'
import { objectErrorTexts } from './object-error-text.ts'

const again = 'Try again in a moment.'
const report = 'Try again. If it stays, the log of the portal and the app has the details.'

const errorTexts: Record<ErrorCode, ErrorText> = {
  'bad-request': text(
    'The request was not understood',
    'Check what was entered and try again.',
    'the request was not understood',
  ),
  'bad-response': text(
    'The answer was not understood',
    'The two sides may have different versions. Update them and try again.',
    'the answer was not understood',
  ),
  'unknown-call': text('This version cannot do that', 'Update the app and the portal.', 'not known to this version'),
  'too-large': text('Too much at once', 'Try with fewer objects.', 'too much at once'),
  'too-many-requests': text('Too many requests', 'Wait a minute, then try again.', 'too many requests'),
  'deadline-exceeded': text('No answer in time', again, 'no answer in time'),
  aborted: text('Cancelled', 'Nothing was changed after that.', 'cancelled'),
  'peer-gone': text('The connection was lost', 'It is restored by itself. Try again then.', 'connection lost'),
  'update-needed': text(
    'An update is needed',
    'The app and the portal have versions that do not fit together. Update the older one.',
    'an update is needed',
  ),
  internal: text('Something went wrong', report, 'internal error'),
  unauthenticated: text('You are signed out', 'Sign in again.', 'signed out'),
  forbidden: text('Not allowed', 'Reload the page and try again.', 'not allowed'),
  'wrong-credentials': text(
    'Wrong e-mail or password',
    'Check both, or choose Forgot your password.',
    'wrong e-mail or password',
  ),
  'not-activated': text(
    'The account is not activated yet',
    'Open the link in the message we sent you.',
    'account not activated',
  ),
  'weak-password': text('The password is too weak', 'Choose one that is longer or less common.', 'password too weak'),
  'slow-down': text('Too many attempts', 'Wait, then try again.', 'too many attempts'),
  'link-used': text(
    'This link was already used',
    'A link works once. Send the message again for a new one.',
    'link already used',
  ),
  'link-expired': text(
    'This link has expired',
    'A link works for 24 hours. Send the message again for a new one.',
    'link expired',
  ),
  'link-unknown': text(
    'This link is not valid',
    'Check that the whole address was copied from the message.',
    'link not valid',
  ),
  'mail-not-sent': text(
    'The message could not be sent',
    'Check the address and try again in a few minutes.',
    'message not sent',
  ),
  'portal-unreachable': text(
    'The portal cannot be reached',
    'Check the network. Local protection keeps running.',
    'portal not reachable',
  ),
  'portal-error': text(
    'The portal has a problem',
    'Try again in a few minutes. Local protection keeps running.',
    'portal error',
  ),
  'not-found': text('Not found', 'It may have been removed meanwhile.', 'not found'),
  'device-removed': text(
    'This device was disconnected',
    'Sign in again on the computer to connect it.',
    'device disconnected',
  ),
  'cloned-device': text(
    'Another computer uses the same key',
    'Disconnect the device, then sign in again on each computer.',
    'another computer uses the same key',
  ),
  'bad-signature': text(
    'The signature is not valid',
    'Disconnect the device and sign in again on the computer.',
    'signature not valid',
  ),
  'clock-wrong': text(
    'The clock of this computer is wrong',
    'Set the clock of this computer, date and time zone too, then try again.',
    'the clock of the computer is wrong',
  ),
  'portal-address-wrong': text(
    'The portal has another address',
    'Set the address of the portal in this app to exactly the one the portal is opened with in a browser, then try again.',
    'the portal has another address',
  ),
  'already-running': text(
    'Already running on this device',
    'It can be started again when this one has ended.',
    'already running',
  ),
  'command-expired': text('The command has expired', 'Send it again.', 'expired'),
  'command-duplicate': text('This command was already sent', 'Its result is in Activity.', 'already sent'),
  'wrong-device': text('The command was meant for another device', 'Send it again.', 'meant for another device'),
  'not-cancellable': text(
    'It cannot be cancelled any more',
    'The device already has it.',
    'cannot be cancelled any more',
  ),
  'grouped-objects': text(
    'More than 10 objects',
    'They can only be processed together here. Review them one by one in the app on the computer.',
    'more than 10 objects',
  ),
  'act-outdated': text('This was dealt with meanwhile', 'The list shows what can be done now.', 'dealt with meanwhile'),
  'not-available': text(
    'Not available in this version',
    'It may come with an update.',
    'not available in this version',
  ),
  offline: text('The device is offline', 'It is done when the device connects.', 'device offline'),
  declined: text(
    'The person at the computer declined',
    'Nothing was restarted. You can ask again later.',
    'declined at the computer',
  ),
  'restart-already-asked': text(
    'The restart was already asked for',
    'The person at the computer decides when it is done.',
    'already asked for',
  ),
  'restart-refused': text(
    'The computer was not restarted',
    'The system did not let the app restart it. Restart it yourself.',
    'not allowed by the system',
  ),
  'engine-unavailable': text(
    'The scanner engine does not run',
    'It is started again by itself. Try again in a minute.',
    'scanner engine not running',
  ),
  'engine-crash': text(
    'The scanner engine stopped',
    'It was started again. Nothing that was found is lost.',
    'scanner engine stopped',
  ),
  'scan-unknown': text('This scan has already ended', 'Its result is in the reports.', 'scan already ended'),
  'bad-path': text('This folder cannot be scanned', 'Check that the path exists on the device.', 'path not found'),
  'databases-unusable': text(
    'The databases cannot be used',
    'Update them. Until then nothing can be scanned.',
    'databases not usable',
  ),
  'databases-not-compiled': text(
    'The databases are being prepared',
    'Try again in a minute.',
    'databases being prepared',
  ),
  'update-source-unreachable': text(
    'The source of updates cannot be reached',
    'Check that the folder or address is there. The databases in use stay in use.',
    'update source not reachable',
  ),
  'update-signature': text(
    'The update is not signed by a key that is trusted',
    'It was not used. Check the source; for a feed of your own, add its public key.',
    'signature of the update not valid',
  ),
  'update-expired': text(
    'The update has expired',
    'The source has not been renewed for long, or the clock of this computer is wrong. The databases in use stay in use.',
    'update expired',
  ),
  'update-downgrade': text(
    'The source has older databases',
    'They were not used: a newer version was installed before. To go back, use Roll back.',
    'older than what was installed before',
  ),
  'update-damaged': text(
    'The update is damaged',
    'It was not used. Try again, or use another source. The databases in use stay in use.',
    'update damaged',
  ),
  'update-unusable': text(
    'The update cannot be used',
    'It does not load in this version of the app. The databases in use stay in use.',
    'update not usable',
  ),
  'no-previous-databases': text(
    'There is nothing to go back to',
    'The databases were never updated on this computer.',
    'no previous databases',
  ),
  'app-running': text('The app is running', 'Use the app, or close it first.', 'the app is running'),
  ...objectErrorTexts,
  'storage-damaged': text('A data file was damaged', 'It was set aside and defaults are used.', 'data file damaged'),
  'storage-locked': text(
    'The data folder is in use',
    'Another copy of the app, or a command, is using it. Close it and try again.',
    'data folder in use',
  ),
  'secrets-unavailable': text(
    'The keyring is not available',
    'Unlock the keyring of this computer and try again.',
    'keyring not available',
  ),
}

/** Title and what to do for any thrown value. A wait that the portal asks for is told. */
export function errorText(error: unknown): ErrorText {
  if (!(error instanceof ProductError)) return errorTexts.internal
  const words = errorTexts[error.code]
  const waitMs = error.code === 'slow-down' ? Number(error.detail) : Number.NaN
  return waitMs > 0 ? { ...words, todo: `Wait ${formatDuration(waitMs)}, then try again.` } : words
}

/** The words of a code. */
export function textOfCode(code: ErrorCode): ErrorText {
  return errorTexts[code]
}

/** Both parts in one line, for forms. */
export function errorSentence(error: unknown): string {
  const { title, todo } = errorText(error)
  return `${title}. ${todo}`
}
