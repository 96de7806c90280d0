// Every expected failure of the product, by code, in one table. Owns codes, HTTP status and whether a retry makes sense.
// Never holds the sentences a person reads: those live beside each user interface, keyed by code.

interface ErrorRow {
  /** Status an HTTP route answers with. */
  readonly http: number
  /** True when the same request may succeed later without a change by the caller. */
  readonly retryable: boolean
}

const row = (http: number, retryable = false): ErrorRow => ({ http, retryable })

export const errorTable = {
  // Contract layer
  'bad-request': row(400),
  'bad-response': row(502),
  'unknown-call': row(404),
  'too-large': row(413),
  'too-many-requests': row(429, true),
  'deadline-exceeded': row(504, true),
  aborted: row(499),
  'peer-gone': row(503, true),
  'update-needed': row(426),
  internal: row(500, true),
  // Account and sign-in
  unauthenticated: row(401),
  forbidden: row(403),
  'wrong-credentials': row(401),
  'not-activated': row(403),
  'weak-password': row(422),
  'slow-down': row(429, true),
  'link-used': row(410),
  'link-expired': row(410),
  'link-unknown': row(404),
  'mail-not-sent': row(502, true),
  'portal-unreachable': row(503, true),
  'portal-error': row(502, true),
  // Devices and commands
  'not-found': row(404),
  'device-removed': row(410),
  'cloned-device': row(409),
  'bad-signature': row(401),
  'clock-wrong': row(409),
  'portal-address-wrong': row(409),
  'already-running': row(409),
  'command-expired': row(410),
  'command-duplicate': row(409),
  'wrong-device': row(403),
  'not-cancellable': row(409),
  'grouped-objects': row(409),
  'act-outdated': row(409),
  'not-available': row(501),
  offline: row(503, true),
  declined: row(409),
  'restart-already-asked': row(409),
  'restart-refused': row(409, true),
  // Scanning and treatment
  'engine-unavailable': row(503, true),
  'engine-crash': row(500, true),
  'scan-unknown': row(404),
  'bad-path': row(400),
  'databases-unusable': row(500),
  'databases-not-compiled': row(503, true),
  'update-source-unreachable': row(503, true),
  'update-signature': row(502),
  'update-expired': row(502),
  'update-downgrade': row(409),
  'update-damaged': row(502, true),
  'update-unusable': row(502),
  'no-previous-databases': row(409),
  'app-running': row(409),
  'object-changed': row(409),
  'object-gone': row(410),
  'object-protected': row(403),
  'is-link': row(409),
  'not-regular-file': row(409),
  'no-permission': row(403),
  'read-only-volume': row(409),
  'in-use': row(409, true),
  'cannot-disinfect': row(409),
  'mail-store': row(409),
  'backup-failed': row(507),
  'disk-full': row(507, true),
  'io-error': row(500, true),
  'still-detected': row(409),
  'target-exists': row(409),
  'vault-damaged': row(500),
  'vault-key-lost': row(500),
  'copy-gone': row(410),
  'needs-manual-removal': row(409),
  'boot-image-old': row(409),
  'needs-administrator': row(403),
  unfinished: row(409, true),
  unsupported: row(501),
  // Local storage
  'storage-damaged': row(500),
  'storage-locked': row(409, true),
  'secrets-unavailable': row(503, true),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

/** An expected failure. Crosses process boundaries as its code and detail only; message and stack stay where they arose. */
export class ProductError extends Error {
  readonly code: ErrorCode
  /** Short machine-readable addition, safe to show and log (for instance a wait in ms). Never a secret. */
  readonly detail: string | undefined

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail === undefined ? code : `${code}: ${detail}`, options)
    this.name = 'ProductError'
    this.code = code
    this.detail = detail
  }
}

/** The code of any thrown value; what is not a ProductError is a bug and becomes `internal`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof ProductError ? error.code : 'internal'
}
