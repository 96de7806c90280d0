// Gives changed scripts and texts of a feed of databases to their readers. Checks that a script leads exactly where its words
// say or nowhere, and that from every text a way leads to every other one.
import { differenceOf } from '../../databases/feed/line-difference.ts'
import {
  applyChanges,
  type FileChanges,
  type LineChange,
  readScript,
  writeScript,
} from '../../databases/feed/line-script.ts'
import { signatures } from '../../databases/feed/testing/feed-lab.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

const mostBytes = 16 * 1024

export function lineTargets(count: number): Target[] {
  const target = (name: string, open: () => Probe): Target => {
    return { name, group: 'databases', count, mostCpuMs: 2000, open: async () => open() }
  }
  return [target('feed-script', openScripts), target('feed-difference', openDifferences)]
}

const before = Buffer.from(`${signatures(0, 20)}a line of words\n\n${signatures(20, 25)}`)
const changes: FileChanges = {
  file: 'main.hsb',
  changes: [
    { kind: 'delete', line: 2, start: before.toString('latin1').split('\n')[1]?.slice(0, 32) ?? '' },
    { kind: 'exchange', line: 21, start: 'a line', text: 'another line' },
    { kind: 'insert', line: 23, text: 'a new one' },
  ],
  added: ['at the end', ''],
}
const scriptWords = tokensOf(
  ...[
    'OPEN ',
    'CLOSE\n',
    'DEL ',
    'XCHG ',
    'INS ',
    'ADD ',
    '\n',
    ' ',
    ':',
    '0:',
    '6:a line',
    '1',
    '21',
    '999999999',
    '-1',
  ],
  ...['0x00', '0xff', 'main.hsb'],
)

function openScripts(): Probe {
  const whole = Buffer.from(writeScript([changes]), 'latin1')
  const stock = { tokens: scriptWords, others: [whole], mostBytes }
  return {
    input: (random) =>
      random.oneIn(2) ? mutated(whole, random, stock) : Buffer.from(writeScript([someChanges(random)]), 'latin1'),
    check: async (input) => {
      const read = readScript(input.toString('latin1'))
      if (read === null) return
      if (JSON.stringify(readScript(writeScript(read))) !== JSON.stringify(read))
        throw new Error('written down again it is another script')
      for (const each of read) {
        const after = applyChanges(before, each)?.toString('latin1') ?? null
        if (after !== lineByLine(before.toString('latin1'), each)) throw new Error('line by line it leads elsewhere')
      }
    },
    close: () => {},
  }
}

/** Nearly in the order of their lines, and nearly always with the right beginnings of them. */
function someChanges(random: Random): FileChanges {
  const lines = before.toString('latin1').split('\n')
  let line = 1
  const some = Array.from({ length: random.below(6) }, (): LineChange => {
    line = Math.max(1, line + random.below(9) - (random.oneIn(8) ? 3 : 0))
    const start = random.oneIn(8) ? 'another' : (lines[line - 1] ?? '').slice(0, random.below(20))
    const kind = random.pick(['delete', 'exchange', 'insert'] as const)
    if (kind === 'delete') return { kind, line, start }
    return kind === 'insert' ? { kind, line, text: 'new' } : { kind, line, start, text: 'other' }
  })
  return { file: 'main.hsb', changes: some, added: random.oneIn(2) ? [] : ['', 'at the end'] }
}

/** The same as `applyChanges`, simply. */
function lineByLine(text: string, { changes: some, added }: FileChanges): string | null {
  const lines = text.split('\n').slice(0, -1)
  const after: string[] = []
  let next = 0
  for (const change of some) {
    const at = change.line - 1
    if (at < next || at > lines.length) return null
    after.push(...lines.slice(next, at))
    next = at
    if (change.kind !== 'delete') after.push(change.text)
    if (change.kind === 'insert') continue
    if (!lines[at]?.startsWith(change.start)) return null
    next += 1
  }
  return [...after, ...lines.slice(next), ...added].map((line) => `${line}\n`).join('')
}

function openDifferences(): Probe {
  const words = tokensOf('\n', '\n\n', 'a line of words\n', '0x00', '0xff', 'DEL 1 0:\n')
  const stock = { tokens: words, others: [before], mostBytes }
  const check = (after: Buffer): void => {
    const difference = differenceOf('main.hsb', before, after)
    const isText = (after.length === 0 || after[after.length - 1] === 0x0a) && !after.includes(0)
    if (difference === null) {
      if (isText) throw new Error('no way leads to this text')
      return
    }
    const [read] = readScript(writeScript([difference])) ?? []
    if (read === undefined || !applyChanges(before, read)?.equals(after)) throw new Error('the way leads elsewhere')
  }
  return { input: (random) => mutated(before, random, stock), check: async (after) => check(after), close: () => {} }
}
