// Tells whether a program is packed, so that its real code cannot be seen in its bytes.
// Knows marks of packers only; being packed is no finding.

const peSections = [
  'UPX0',
  'UPX1',
  '.aspack',
  '.adata',
  'FSG!',
  'MEW',
  '.petite',
  '.MPRESS1',
  '.vmp0',
  '.themida',
  'pec1',
]
const headBytes = 4096

/** True for a PE or ELF program with the marks of a known packer. */
export function isPackedProgram(bytes: Buffer, format: string): boolean {
  if (format === 'elf') return bytes.subarray(0, 512).includes('UPX!')
  if (format !== 'pe' || bytes.length < 64) return false
  const header = bytes.readUInt32LE(0x3c)
  if (header + 24 > bytes.length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return false
  const sections = bytes.readUInt16LE(header + 6)
  const table = header + 24 + bytes.readUInt16LE(header + 20)
  for (let at = table; at < table + sections * 40 && at + 8 <= Math.min(bytes.length, table + headBytes); at += 40) {
    const name = bytes.toString('latin1', at, at + 8).replace(/\0+$/, '')
    if (peSections.includes(name)) return true
  }
  return false
}
