// Maps what the operating system says to the product's closed set of errors.
// Never hides a bug: what carries no errno stays what it is.
import { type ErrorCode, ProductError } from '#shared/errors.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'too-large',
  EROFS: 'read-only-volume',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  ENOENT: 'object-gone',
  // A part of the path that was a folder is a link or a file now: not the place that was meant.
  ENOTDIR: 'object-changed',
  ELOOP: 'is-link',
  EISDIR: 'not-regular-file',
  ENXIO: 'not-regular-file',
  EEXIST: 'target-exists',
  EBUSY: 'in-use',
  ETXTBSY: 'in-use',
  ENAMETOOLONG: 'bad-path',
}

/** The errno name (`ENOENT`, ...) of a thrown value, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined
}

/** A file system error as ProductError with the errno as detail; anything else is returned as it came. */
export function asProductError(error: unknown): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || error instanceof ProductError) return error
  return new ProductError(codes[errno] ?? 'io-error', errno, { cause: error })
}

/** Runs and throws file system errors as ProductError. */
export function withProductErrors<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw asProductError(error)
  }
}
