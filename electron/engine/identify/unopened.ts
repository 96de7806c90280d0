// Tells what of a content cannot be looked at although nothing failed: packed programs, programs that were cut, locked
// documents.
// Being one of these is no finding; it is coverage.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { isEncryptedOle, isEncryptedOpenDocument } from './encrypted-office.ts'
import type { Format } from './identify.ts'
import { isPackedProgram } from './packer.ts'
import { readPe } from './pe.ts'

/** Why there may be more in this content than was looked at, or null. */
export function unopenedReason(bytes: Buffer, format: Format): NotScannedReason | null {
  if (isPackedProgram(bytes, format)) return 'packer'
  if (format === 'pe' && readPe(bytes)?.truncated) return 'truncated'
  if (format === 'ole' && isEncryptedOle(bytes)) return 'encrypted'
  if (format === 'text' && isEncryptedOpenDocument(bytes)) return 'encrypted'
  if (format === 'pdf' && bytes.includes('/Encrypt')) return 'encrypted'
  return null
}
