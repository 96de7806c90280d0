// The texts of every message the portal sends, plain and as simple HTML. Owns words and form; never sends.
import { brand } from '#shared/brand.ts'

/** What a message is about; each has its own limit, so that one kind cannot suppress another (outbox.ts). */
export type MailPurpose = 'sign-up' | 'reset' | 'password-changed'

export interface Message {
  readonly purpose: MailPurpose
  readonly subject: string
  readonly text: string
  readonly html: string
}

interface Parts {
  readonly purpose: MailPurpose
  readonly subject: string
  readonly before: readonly string[]
  readonly action?: { readonly label: string; readonly url: string }
  readonly after: readonly string[]
}

const ifNotYou = 'If this was not you, ignore this message: nothing has changed.'
const validity = 'The link works once, for 24 hours.'

/** A new account asked for in the app: the link leads to the choice of a password. */
export function createAccountMessage(url: string): Message {
  return compose({
    purpose: 'sign-up',
    subject: `Create your ${brand.portal} password`,
    before: [
      `Somebody, probably you, asked for a ${brand.portal} account with this address.`,
      'Choose a password to create it:',
    ],
    action: { label: 'Create password', url },
    after: [validity, ifNotYou],
  })
}

/** A sign-up on the portal: the link makes the account usable. */
export function activateMessage(url: string): Message {
  return compose({
    purpose: 'sign-up',
    subject: `Activate your ${brand.portal} account`,
    before: [`You signed up for ${brand.portal} with this address.`, 'Activate the account to sign in:'],
    action: { label: 'Activate account', url },
    after: [validity, ifNotYou],
  })
}

export function resetMessage(url: string): Message {
  return compose({
    purpose: 'reset',
    subject: `Reset your ${brand.portal} password`,
    before: ['Somebody, probably you, asked for a new password.', 'Choose it here:'],
    action: { label: 'Choose a new password', url },
    after: [
      validity,
      'A new password signs you out everywhere and disconnects your devices until you sign in on them again.',
      ifNotYou,
    ],
  })
}

/** Answer to Create or sign-up with a registered address (A6). */
export function accountExistsMessage(portalUrl: string): Message {
  return compose({
    purpose: 'sign-up',
    subject: `You already have a ${brand.portal} account`,
    before: [
      `Somebody, probably you, asked for a ${brand.portal} account with this address. You already have an account, so nothing was changed.`,
      'Sign in, or choose “Forgot your password” on the same page:',
    ],
    action: { label: `Open ${brand.portal}`, url: `${portalUrl}/sign-in` },
    after: [ifNotYou],
  })
}

export function passwordChangedMessage(portalUrl: string): Message {
  return compose({
    purpose: 'password-changed',
    subject: `Your ${brand.portal} password was changed`,
    before: [
      `The password of your ${brand.portal} account was changed with a link sent to this address.`,
      'All sessions were signed out, and your devices stay disconnected until you sign in on them again. They remain protected.',
    ],
    action: { label: `Open ${brand.portal}`, url: `${portalUrl}/sign-in` },
    after: ['If this was not you, choose “Forgot your password” on the sign-in page at once.'],
  })
}

function compose({ purpose, subject, before, action, after }: Parts): Message {
  const link = action ? [action.url] : []
  const paragraph = (line: string) => `<p>${escapeHtml(line)}</p>`
  const button = action ? [`<p><a href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a></p>`] : []
  return {
    purpose,
    subject,
    text: `${[...before, ...link, ...after].join('\n\n')}\n\n${brand.portal}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family:sans-serif;line-height:1.5">${[
      ...before.map(paragraph),
      ...button,
      ...after.map(paragraph),
      paragraph(brand.portal),
    ].join('')}</body></html>`,
  }
}

/** Makes text safe inside HTML, attributes included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
