// Gives changed fixtures straight to every decoder and reader that takes bytes, whatever the bytes begin with: far more of
// them in the same time than a scan takes. Checks that none throws, and that none makes more than it was allowed to.
// Never asks what came out.

import { elfAnomalies } from '../../detect/heuristics/elf-anomalies.ts'
import { suspicionsOf } from '../../detect/heuristics/heuristics.ts'
import { peAnomalies } from '../../detect/heuristics/pe-anomalies.ts'
import { decodedScript } from '../../detect/heuristics/scripts.ts'
import { readShellLink, scriptLink } from '../../detect/heuristics/shell-link.ts'
import { suspectOf } from '../../detect/heuristics/suspicion.ts'
import type { Subject } from '../../detect/subject.ts'
import { sourceOfEnds } from '../../files/byte-source.ts'
import { memberName } from '../../files/path-text.ts'
import { carriesSomething, findCarried, findLoose } from '../../identify/carried.ts'
import { carryingParts } from '../../identify/carrying-parts.ts'
import { isEncryptedOle, isEncryptedOpenDocument } from '../../identify/encrypted-office.ts'
import { type Format, hasAppendedZip, hasTarChecksum, identify } from '../../identify/identify.ts'
import { withLineFeeds } from '../../identify/line-ends.ts'
import { isLocked } from '../../identify/locked.ts'
import { readOle } from '../../identify/ole.ts'
import { isPackedProgram } from '../../identify/packer.ts'
import { readPe } from '../../identify/pe.ts'
import { unopenedReason } from '../../identify/unopened.ts'
import { limitsWith } from '../../limits/limits.ts'
import { Budget } from '../../unpack/budget.ts'
import { packagedFile } from '../../unpack/documents/packaged-file.ts'
import { decodeStream } from '../../unpack/documents/pdf-filters.ts'
import { filtersOf } from '../../unpack/documents/pdf-objects.ts'
import type { Predictor } from '../../unpack/documents/pdf-predictors.ts'
import { decompress, moduleSources } from '../../unpack/documents/vba-source.ts'
import { base64Blocks } from '../../unpack/mail/base64-blocks.ts'
import { holdsLiteral } from '../../unpack/mail/literals.ts'
import { mailsIn } from '../../unpack/mail/mailboxes.ts'
import { mimeParts } from '../../unpack/mail/mime.ts'
import { withoutReferences } from '../../unpack/mail/references.ts'
import { holdsBinhex } from '../../unpack/mail/text-containers.ts'
import { decodeBase64, decodePercent, decodeQuotedPrintable, uuFiles } from '../../unpack/mail/transfer-encodings.ts'
import { corpus } from './corpus.ts'
import type { Fixture } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

const limits = limitsWith({ timeMs: 1000, memberBytes: 1024 * 1024, unpackedBytes: 4 * 1024 * 1024, members: 500 })
const mostBytes = 32 * 1024

export function decoderTarget(count: number): Target {
  return { name: 'decoders-all', group: 'decoders', count, mostCpuMs: 3000, open: openDecoders }
}

async function openDecoders(): Promise<Probe> {
  const fixtures = await corpus()
  return {
    input: (random) => changed(fixtures, random),
    check: async (input, random) => {
      inDocuments(input)
      inPrograms(input)
      atEnds(input, random)
      inTexts(input)
      inHeuristics(input, random)
      await inFilters(input, random)
    },
    close: () => {},
  }
}

function changed(fixtures: readonly Fixture[], random: Random): Buffer {
  const fixture = random.pick(fixtures)
  const others = [random.pick(fixtures).bytes, random.pick(fixtures).bytes]
  return mutated(fixture.bytes, random, { tokens: fixture.tokens, others, mostBytes })
}

function inDocuments(bytes: Buffer): void {
  const ole = readOle(bytes)
  for (const stream of ole?.streams.slice(0, 20) ?? []) within(ole?.head(stream, 5000) ?? bytes, 5000)
  isEncryptedOle(bytes)
  isEncryptedOpenDocument(bytes)
  packagedFile(bytes)
  for (const source of moduleSources(bytes, new Budget(limits))) within(source, limits.memberBytes)
  within(decompress(bytes, 0, 10_000), 10_000)
}

function inPrograms(bytes: Buffer): void {
  const format = identify(bytes)
  readPe(bytes)
  hasTarChecksum(bytes)
  hasAppendedZip(bytes)
  findLoose(bytes)
  readShellLink(bytes)
  unopenedReason(bytes, format)
  for (const kind of ['pe', 'elf'] as const) {
    isPackedProgram(bytes, kind)
    for (const { start, end } of carryingParts(bytes, kind))
      if (start < 0 || start >= end || end > bytes.length) throw new Error(`a part from ${start} to ${end}`)
    for (const { at } of findCarried(bytes, kind).carried)
      if (at < 0 || at >= bytes.length) throw new Error(`carried at ${at}`)
  }
}

/** Contents that are not in memory: of them only the ends are known, or the beginning. */
function atEnds(bytes: Buffer, random: Random): void {
  const whole = sourceOfEnds(bytes, Buffer.alloc(0), bytes.length)
  const [head, tail] = [random.below(bytes.length + 1), random.below(bytes.length + 1)]
  const ends = sourceOfEnds(bytes.subarray(0, head), bytes.subarray(tail), bytes.length)
  const cut = sourceOfEnds(bytes.subarray(0, head), Buffer.alloc(0), Number.MAX_SAFE_INTEGER)
  const formats: readonly Format[] = ['pe', 'elf', 'script', 'ole', 'pdf']
  for (const format of formats) {
    if (format !== 'pdf' && unopenedReason(whole, format) !== unopenedReason(bytes, format))
      throw new Error(`${format}: not in memory it is another one`)
    for (const source of [ends, cut]) {
      unopenedReason(source, format)
      carriesSomething(source, format)
    }
  }
}

function inTexts(bytes: Buffer): void {
  const budget = new Budget(limits)
  for (const { headerAt, bodyAt, end } of mimeParts(bytes))
    if (headerAt > bodyAt || bodyAt > Math.max(end, bodyAt) || end > bytes.length) throw new Error('a part outside')
  for (const { bytes: mail } of mailsIn(bytes)) within(mail, bytes.length)
  for (const text of [withLineFeeds(bytes), withoutReferences(bytes)]) within(text, bytes.length)
  holdsBinhex(bytes)
  holdsLiteral(bytes)
  isLocked(bytes, 'text')
  isLocked(bytes, 'data')
  for (const file of uuFiles(bytes, budget)) within(file.bytes, bytes.length)
  for (const block of base64Blocks(bytes)) within(block, bytes.length)
  within(decodeBase64(bytes), bytes.length)
  within(decodePercent(bytes), bytes.length)
  within(decodeQuotedPrintable(bytes), bytes.length)
  memberName(bytes)
}

/** Alone too: together one that throws is taken for one that found nothing. */
function inHeuristics(bytes: Buffer, random: Random): void {
  const format: Format = random.pick([identify(bytes), 'pe', 'elf', 'script', 'text', 'html', 'data'])
  const base = { bytes, sha256: Buffer.alloc(32), format, path: '/tmp/.x' }
  for (const [name, depth] of [
    ['VBA/a.bas', 1],
    ['x.pdf.exe', 0],
  ] as const) {
    const subject: Subject = { ...base, name, depth }
    suspicionsOf(subject)
    for (const look of [peAnomalies, elfAnomalies, scriptLink, decodedScript]) look(suspectOf(subject))
  }
}

const filters = ['FlateDecode', 'AHx', 'ASCII85Decode', 'RunLengthDecode', 'LZWDecode', 'Unheard']

async function inFilters(bytes: Buffer, random: Random): Promise<void> {
  const chain = Array.from({ length: 1 + random.below(3) }, () => ({
    name: random.pick(filters),
    ...(random.oneIn(2) && { predictor: predictorOf(random) }),
  }))
  for (const { name } of filtersOf(bytes.toString('latin1'), null)) memberName(Buffer.from(name))
  const decoded = await decodeStream(bytes, chain, new Budget(limits))
  within(decoded.bytes, Math.max(limits.memberBytes, bytes.length))
}

function predictorOf(random: Random): Predictor {
  const [kind, colors, bits, columns] = [random.below(18), random.below(6), random.below(18), random.below(2000)]
  return { kind, colors, bits: random.oneIn(3) ? bits : 8, columns }
}

function within(bytes: Buffer, most: number): void {
  if (bytes.length > most) throw new Error(`${bytes.length} bytes where ${most} were allowed`)
}
