// Tells what of a content cannot be looked at although nothing failed: packed programs, programs that were cut, locked
// documents, disks and messages. Being one of these is no finding; it is coverage. Reads headers and ends, so that contents may be larger than memory.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Content } from '../files/byte-source.ts'
import { isCutElf } from './elf.ts'
import { isEncryptedOle, isEncryptedOpenDocument } from './encrypted-office.ts'
import { isEncryptedPdf } from './encrypted-pdf.ts'
import type { Format } from './identify.ts'
import { isLocked } from './locked.ts'
import { isPackedProgram } from './packer.ts'
import { readPe } from './pe.ts'
import { isUnopenable } from './unopenable.ts'

/** Why there may be more in this content than was looked at, or null. */
export function unopenedReason(content: Content, format: Format): NotScannedReason | null {
  if (isPackedProgram(content, format)) return 'packer'
  if (isUnopenable(content, format)) return 'unsupported'
  if (isCutProgram(content, format)) return 'truncated'
  return isLocked(content, format) || isLockedDocument(content, format) ? 'encrypted' : null
}

function isCutProgram(content: Content, format: Format): boolean {
  if (format === 'elf') return isCutElf(content)
  return format === 'pe' && readPe(content)?.truncated === true
}

function isLockedDocument(content: Content, format: Format): boolean {
  if (format === 'ole') return isEncryptedOle(content)
  if (format === 'pdf') return isEncryptedPdf(content)
  return format === 'text' && Buffer.isBuffer(content) && isEncryptedOpenDocument(content)
}
