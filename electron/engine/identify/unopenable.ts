// Containers that are known and that nothing here opens: that they stayed closed has to be told. Marks that are long enough, or
// have numbers behind them that few contents have, so that nothing else is called one. Never looks for them behind anything.
import { type Content, sourceOf } from '../files/byte-source.ts'
import type { Format } from './identify.ts'

interface Mark {
  readonly at: number
  readonly bytes: Buffer
  readonly check?: (head: Buffer) => boolean
}

const marks: readonly Mark[] = [
  // lzip, lz4 (its frames, and those of Linux kernels), lzop, rzip, lrzip, Snappy.
  mark('4c5a495001'),
  mark('04224d18', 0, (head) => ((head[4] ?? 0) & 0xc2) === 0x40),
  mark('02214c18'),
  mark('894c5a4f000d0a1a0a'),
  mark('525a495002'),
  mark('4c525a4900'),
  mark('ff060000734e61507059'),
  // ACE, ZOO, StuffIt (5, X, and the older ones).
  mark('2a2a4143452a2a', 7),
  mark('dca7c4fd', 20),
  mark('53747566664974202863293139'),
  mark('5374756666497421'),
  mark('53495421', 0, (head) => head.toString('latin1', 10, 14) === 'rLau'),
  // ALZip, EGG, zpaq, FreeArc, InstallShield.
  mark('414c5a01'),
  mark('45474741'),
  mark('7a5051', 0, (head) => (head[3] ?? 255) < 3 && head[4] === 1),
  mark('376b5374a03183d38cb228b0d3'),
  mark('41724301'),
  mark('49536328', 0, (head) => head.readUInt32LE(4) > 0),
  // Disks of Parallels and of QEMU's enhanced format.
  mark('576974686f7574467265655370616365'),
  mark('576974686f7546726553706163457874'),
  mark('51454400', 0, (head) => head.readUInt32LE(4) >= 4096 && Number.isInteger(Math.log2(head.readUInt32LE(4)))),
  // Mail stores: Outlook (PST, OST), Outlook Express (DBX), Exchange and other databases of that kind (EDB), Lotus Notes (NSF).
  mark('2142444e', 0, (head) => head.toString('latin1', 8, 10) === 'SM'),
  mark('cfad12fe'),
  mark('efcdab89', 4, (head) => head.readUInt32LE(8) < 0x10000),
  mark('1a0000040000'),
]
const headBytes = 64

/** True for a content that no other format was seen in. Reads its beginning only. */
export function isUnopenable(content: Content, format: Format): boolean {
  if (format !== 'data' && format !== 'text') return false
  const head = sourceOf(content).read(0, headBytes)
  return head.length >= 32 && marks.some((one) => fits(head, one))
}

function fits(head: Buffer, { at, bytes, check }: Mark): boolean {
  return head.subarray(at, at + bytes.length).equals(bytes) && (check?.(head) ?? true)
}

function mark(hex: string, at = 0, check?: (head: Buffer) => boolean): Mark {
  const bytes = Buffer.from(hex, 'hex')
  return check === undefined ? { at, bytes } : { at, bytes, check }
}
