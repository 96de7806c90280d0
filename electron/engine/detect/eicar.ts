// Knows the EICAR test file by its exact definition: 68 bytes, then only blanks, 128 bytes in all.
// A longer or embedded string is not EICAR and is not reported as such. The string is stored nowhere in one piece.

export const eicarThreat = 'EICAR-Test-File'

const pattern = Buffer.from(
  ['X5O!P%@AP[4', '\\PZX54(P^)7CC)7}', '$EICAR', '-STANDARD-ANTIVIRUS', '-TEST-FILE!', '$H+H*'].join(''),
  'latin1',
)
const longest = 128
/** Space, tab, LF, CR, Ctrl-Z. */
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d, 0x1a])

/** True when the content is the EICAR test file. */
export function isEicar(bytes: Buffer): boolean {
  if (bytes.length < pattern.length || bytes.length > longest) return false
  if (bytes.compare(pattern, 0, pattern.length, 0, pattern.length) !== 0) return false
  return bytes.subarray(pattern.length).every((byte) => blanks.has(byte))
}
