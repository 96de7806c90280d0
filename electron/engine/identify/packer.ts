// Tells whether a program is packed, so that its real code cannot be seen in its bytes.
// Knows marks of packers only; being packed is no finding.
import { type Content, sourceOf } from '../files/byte-source.ts'
import { readPe } from './pe.ts'

const peSections: ReadonlySet<string> = new Set([
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
])
const elfHeadBytes = 512

/** True for a PE or ELF program with the marks of a known packer. Reads its headers only. */
export function isPackedProgram(content: Content, format: string): boolean {
  if (format === 'elf') return sourceOf(content).read(0, elfHeadBytes).includes('UPX!')
  return format === 'pe' && (readPe(content)?.sections.some(({ name }) => peSections.has(name)) ?? false)
}
