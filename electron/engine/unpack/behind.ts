// What lies behind the end of an archive, or between its parts, where only whoever opens it knows that it is not one of its
// members. A content of its own when something begins in it; padding, signatures and the like are none.
// Never opens anything.
import { findLoose } from '../identify/carried.ts'
import { hasAppendedZip } from '../identify/identify.ts'
import type { Member, UnpackInput } from './unpacker.ts'

const name = Buffer.from('behind-the-end')
/** Nothing that could be opened is smaller. */
const smallest = 16

/** The same between the parts of a ZIP, of which every member was found already. */
export function* membersBetween(bytes: Buffer): Generator<Member> {
  const { carried, isCut } = findLoose(bytes)
  if (isCut || carried.some(({ format }) => format !== 'zip')) yield { kind: 'content', name, bytes }
}

/** None, or the one content in these bytes. */
export function* membersBehind(
  bytes: Buffer,
  { isBehindSeen }: Pick<UnpackInput, 'isBehindSeen'> = {},
): Generator<Member> {
  if (!isBehindSeen && bytes.length >= smallest && holdsSomething(bytes)) yield { kind: 'content', name, bytes }
}

function holdsSomething(bytes: Buffer): boolean {
  const { carried, isCut } = findLoose(bytes)
  return isCut || carried.length > 0 || hasAppendedZip(bytes)
}
