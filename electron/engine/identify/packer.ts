// Tells whether a program is packed, so that its real code (or the script, the files that it is there for) cannot be seen.
// Knows marks of packers only; being packed is no finding.
import { type Content, sourceOf } from '../files/byte-source.ts'
import { carryingParts } from './carrying-parts.ts'
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

/** What makers of programs out of scripts and of installers put into resources or behind the program; not in another way than this. */
const behindPrograms: readonly (readonly [mark: Buffer, isFirst: boolean])[] = [
  // AutoIt: its compiled script.
  [Buffer.from('a3484bbe986c4aa9994c530a86d6487d', 'hex'), false],
  // InstallShield: the list of its files, at once behind the program.
  [Buffer.from('InstallShield\0'), true],
  [Buffer.from('ISSetupStream\0'), true],
]
const beginBytes = 1024 * 1024

/** True for a PE or ELF program with the marks of a known packer. Reads its headers and the beginnings of what it carries. */
export function isPackedProgram(content: Content, format: string): boolean {
  if (format === 'elf') return sourceOf(content).read(0, elfHeadBytes).includes('UPX!')
  if (format !== 'pe') return false
  const pe = readPe(content)
  if (pe === null) return false
  return pe.sections.some(({ name }) => peSections.has(name)) || carriesPacked(content)
}

function carriesPacked(content: Content): boolean {
  const source = sourceOf(content)
  return carryingParts(content, 'pe').some(({ start, end }) => {
    const bytes = source.read(start, Math.min(end - start, beginBytes))
    return behindPrograms.some(([mark, isFirst]) => (isFirst ? bytes.indexOf(mark) === 0 : bytes.includes(mark)))
  })
}
