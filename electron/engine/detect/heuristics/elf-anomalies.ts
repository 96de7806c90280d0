// Linux programs in folders for temporary files that are made to be hard to look into.
// Each sign is ordinary elsewhere, so the place is asked first.
import { isPackedProgram } from '../../identify/packer.ts'
import { type Heuristic, suspicion } from './suspicion.ts'

const temporary = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/(?:shm|lock|user\/\d+)|\/var\/(?:lock|run))\//
const [loadable, writable, executable] = [1, 2, 1]

interface ElfSigns {
  readonly hasNoSections: boolean
  readonly startsInWritable: boolean
}

export const elfAnomalies: Heuristic = ({ subject: { bytes, format, path, depth } }) => {
  if (format !== 'elf' || depth > 0 || !temporary.test(path)) return null
  const signs = readSigns(bytes)
  if (signs === null) return null
  const isHidden = /\/\.[^/]+$/.test(path)
  const count = [signs.startsInWritable, isPackedProgram(bytes, format), isHidden].filter(Boolean).length
  // Every linker writes a table of sections and no installer takes it away: without one, the place is enough.
  if (!signs.hasNoSections && count < 2) return null
  return suspicion({
    threat: 'Elf.HiddenInTemporaryFolder',
    verdict: 'risky',
    because: 'A program in a folder for temporary files that is packed, hidden or made to be hard to look into.',
  })
}

/** Null for what is no whole program with an entry point. Source: System V ABI. */
function readSigns(bytes: Buffer): ElfSigns | null {
  if (bytes.length < 64 || (bytes[5] !== 1 && bytes[5] !== 2)) return null
  const [is64, isLittle] = [bytes[4] === 2, bytes[5] === 1]
  const short = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const word = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const long = (at: number): number => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
  const address = (at64: number, at32: number): number => (is64 ? long(at64) : word(at32))
  const [type, entry, table] = [short(16), address(24, 24), address(32, 28)]
  const [size, count] = [short(is64 ? 54 : 42), short(is64 ? 56 : 44)]
  if ((type !== 2 && type !== 3) || entry === 0 || size < (is64 ? 56 : 32)) return null
  let hasCode = false
  let startsInWritable = false
  for (let index = 0; index < Math.min(count, 64); index += 1) {
    const at = table + index * size
    if (at + size > bytes.length) break
    if (word(at) !== loadable) continue
    const flags = word(at + (is64 ? 4 : 24))
    const start = address(at + 16, at + 8)
    const length = address(at + 40, at + 20)
    if ((flags & executable) === 0 || entry < start || entry >= start + length) continue
    hasCode = true
    if ((flags & writable) !== 0) startsInWritable = true
  }
  return hasCode ? { hasNoSections: address(40, 32) === 0, startsInWritable } : null
}
