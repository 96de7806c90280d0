// Scripts that turn the lines of one version of text files into those of the next. Bytes go through as latin1, so that every
// one of them stays what it is. Never guesses: a line that is not the one the script was made for ends the work on its file.
//
//   OPEN name             the changes that follow are to this file, in the order of its lines (1 = the first)
//   DEL n LENGTH:start    line n, which begins with this text of LENGTH bytes, goes
//   XCHG n LENGTH:start new line
//   INS n new line        comes before what was line n
//   ADD new line          comes at the end
//   CLOSE

/** Lines are counted in the file as it was before. */
export type LineChange =
  | { readonly kind: 'delete'; readonly line: number; readonly start: string }
  | { readonly kind: 'exchange'; readonly line: number; readonly start: string; readonly text: string }
  | { readonly kind: 'insert'; readonly line: number; readonly text: string }

export interface FileChanges {
  readonly file: string
  readonly changes: readonly LineChange[]
  readonly added: readonly string[]
}

const lineFeed = 0x0a

/** The text of a script. */
export function writeScript(files: readonly FileChanges[]): string {
  const lines = files.flatMap(({ file, changes, added }) => [
    `OPEN ${file}`,
    ...changes.map(changeLine),
    ...added.map((text) => `ADD ${text}`),
    'CLOSE',
  ])
  return lines.map((line) => `${line}\n`).join('')
}

/** Null when it is not a script. */
export function readScript(text: string): FileChanges[] | null {
  if (text === '') return []
  if (!text.endsWith('\n')) return null
  const files: FileChanges[] = []
  let open: { file: string; changes: LineChange[]; added: string[] } | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    const space = line.indexOf(' ')
    const [word, rest] = space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
    if (open === null) {
      if (word !== 'OPEN' || rest === '') return null
      open = { file: rest, changes: [], added: [] }
    } else if (word === 'CLOSE' && space === -1) {
      files.push(open)
      open = null
    } else if (word === 'ADD' && space !== -1) {
      open.added.push(rest)
    } else {
      const change = readChange(word, rest)
      if (change === null) return null
      open.changes.push(change)
    }
  }
  return open === null ? files : null
}

/** The file after the changes; null when a line is not there or is another one than it was made for. */
export function applyChanges(before: Buffer, { changes, added }: FileChanges): Buffer | null {
  if (before.length > 0 && before[before.length - 1] !== lineFeed) return null
  const out: Buffer[] = []
  // `at` is where line number `line` begins; everything before `copied` is in `out`, or is gone.
  let [at, line, copied] = [0, 1, 0]
  for (const change of changes) {
    for (; line < change.line; line += 1) {
      const end = before.indexOf(lineFeed, at)
      if (end === -1) return null
      at = end + 1
    }
    if (line > change.line) return null
    out.push(before.subarray(copied, at))
    copied = at
    if (change.kind !== 'delete') out.push(Buffer.from(`${change.text}\n`, 'latin1'))
    if (change.kind === 'insert') continue
    const end = before.indexOf(lineFeed, at)
    const start = Buffer.from(change.start, 'latin1')
    if (end === -1 || !before.subarray(at, Math.min(end, at + start.length)).equals(start)) return null
    at = end + 1
    copied = at
    line += 1
  }
  out.push(before.subarray(copied), Buffer.from(added.map((text) => `${text}\n`).join(''), 'latin1'))
  return Buffer.concat(out)
}

function changeLine(change: LineChange): string {
  if (change.kind === 'insert') return `INS ${change.line} ${change.text}`
  const which = `${change.line} ${change.start.length}:${change.start}`
  return change.kind === 'delete' ? `DEL ${which}` : `XCHG ${which} ${change.text}`
}

/** Lines may hold spaces: how long the start of the old line is, is said. */
function readChange(word: string, rest: string): LineChange | null {
  const [head = '', number] = /^(\d{1,9}) /.exec(rest) ?? []
  const line = Number(number)
  if (!(line >= 1)) return null
  const after = rest.slice(head.length)
  if (word === 'INS') return { kind: 'insert', line, text: after }
  if (word !== 'DEL' && word !== 'XCHG') return null
  const [colon = '', length] = /^(\d{1,4}):/.exec(after) ?? []
  if (length === undefined) return null
  const end = colon.length + Number(length)
  const start = after.slice(colon.length, end)
  if (start.length !== Number(length)) return null
  if (word === 'DEL') return end === after.length ? { kind: 'delete', line, start } : null
  return after[end] === ' ' ? { kind: 'exchange', line, start, text: after.slice(end + 1) } : null
}
