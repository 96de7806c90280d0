// Linux programs in folders for temporary files that are made to be hard to look into.
// Each sign alone is ordinary elsewhere, so the place is asked first.
import { isPackedProgram } from '../../identify/packer.ts'
import { type Heuristic, suspicion } from './suspicion.ts'

const temporary = /^(?:\/tmp|\/var\/tmp|\/dev\/shm)\//
const [loadable, writable, executable] = [1, 2, 1]

interface ElfSigns {
  readonly isStripped: boolean
  readonly startsInWritable: boolean
}

export const elfAnomalies: Heuristic = ({ subject: { bytes, format, path, depth } }) => {
  if (format !== 'elf' || depth > 0 || !temporary.test(path)) return null
  const signs = readSigns(bytes)
  if (signs === null) return null
  const isHidden = /\/\.[^/]+$/.test(path)
  const count = [signs.isStripped, signs.startsInWritable, isPackedProgram(bytes, format), isHidden].filter(
    Boolean,
  ).length
  if (count < 2) return null
  return suspicion({
    threat: 'Elf.HiddenInTemporaryFolder',
    verdict: 'risky',
    because: 'A program in a folder for temporary files that is packed, hidden or made to be hard to look into.',
  })
}

/** Null for what is no whole 64- or 32-bit little-endian program with an entry point. Source: System V ABI. */
function readSigns(bytes: Buffer): ElfSigns | null {
  const is64 = bytes[4] === 2
  if (bytes.length < 64 || bytes[5] !== 1) return null
  const type = bytes.readUInt16LE(16)
  const entry = is64 ? Number(bytes.readBigUInt64LE(24)) : bytes.readUInt32LE(24)
  const table = is64 ? Number(bytes.readBigUInt64LE(32)) : bytes.readUInt32LE(28)
  const sections = is64 ? Number(bytes.readBigUInt64LE(40)) : bytes.readUInt32LE(32)
  const [size, count] = [bytes.readUInt16LE(is64 ? 54 : 42), bytes.readUInt16LE(is64 ? 56 : 44)]
  if ((type !== 2 && type !== 3) || entry === 0 || size < (is64 ? 56 : 32)) return null
  let hasCode = false
  let startsInWritable = false
  for (let index = 0; index < Math.min(count, 64); index += 1) {
    const at = table + index * size
    if (at + size > bytes.length) break
    if (bytes.readUInt32LE(at) !== loadable) continue
    const flags = bytes.readUInt32LE(at + (is64 ? 4 : 24))
    const start = is64 ? Number(bytes.readBigUInt64LE(at + 16)) : bytes.readUInt32LE(at + 8)
    const length = is64 ? Number(bytes.readBigUInt64LE(at + 40)) : bytes.readUInt32LE(at + 20)
    if ((flags & executable) === 0 || entry < start || entry >= start + length) continue
    hasCode = true
    if ((flags & writable) !== 0) startsInWritable = true
  }
  return hasCode ? { isStripped: sections === 0, startsInWritable } : null
}
