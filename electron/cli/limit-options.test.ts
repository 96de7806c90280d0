// Sizes, times and counts as a person writes them, and what is refused.
import { describe, expect, it } from 'vitest'
import { helpText, hintText } from './help-text.ts'
import { parseLine } from './options.ts'

function limitsOf(...options: string[]) {
  const line = parseLine(['scan', ...options, '/tmp'])
  return line.kind === 'run' ? line.options.limits : line
}

describe('bounds of a scan', () => {
  it('are given in bytes with K, M or G, in seconds, or as a number', () => {
    expect(
      limitsOf('--max-file-size', '10M', '--max-unpacked-size', '2g', '--max-time', '30', '--max-recursion', '3'),
    ).toEqual({
      objectBytes: 10 * 1024 ** 2,
      unpackedBytes: 2 * 1024 ** 3,
      timeMs: 30_000,
      recursionLevels: 3,
    })
    expect(limitsOf()).toEqual({})
  })

  for (const [option, text] of [
    ['--max-file-size', '0'],
    ['--max-file-size', '-1'],
    ['--max-file-size', '1.5M'],
    ['--max-file-size', '10T'],
    ['--max-recursion', '3K'],
    ['--max-recursion', '1000'],
    ['--max-time', '3600'],
    ['--max-members', ''],
  ] as const) {
    it(`refuses ${option} ${text === '' ? 'without a value' : text}`, () => {
      expect(limitsOf(`${option}=${text}`)).toMatchObject({ kind: 'wrong', problem: expect.stringContaining(option) })
    })
  }

  it('are refused with the form that is accepted', () => {
    expect(limitsOf('--max-file-size=1.5M')).toMatchObject({
      problem: expect.stringContaining('--max-file-size must be a whole number of bytes, or of K, M or G (500K, 10M)'),
    })
    expect(limitsOf('--max-time=1m')).toMatchObject({ problem: expect.stringContaining('a whole number of seconds') })
  })

  it('are explained in help with their defaults', () => {
    const help = helpText('scan')
    expect(help).toContain('--max-file-size SIZE')
    expect(help).toContain('(default 1G)')
    expect(help).toContain('--max-time SECONDS')
    expect(help).toContain('(default 60 s)')
  })

  it('belong to scans alone', () => {
    expect(parseLine(['quarantine', 'list', '--max-time', '5'])).toMatchObject({ kind: 'wrong' })
  })
})

describe('help', () => {
  it.each([[['help', 'scan']], [['scan', '--help']], [['help', 'scan', '--json']]])(
    '%j is about that command',
    (argv) => {
      expect(parseLine(argv)).toEqual({ kind: 'help', command: 'scan' })
    },
  )

  it('of one command names its options and no other command', () => {
    const text = helpText('program', 'quarantine restore')
    expect(text).toContain('program quarantine restore ID')
    expect(text).toContain('--even-if-detected')
    expect(text).not.toContain('--threads')
    expect(text).not.toContain('databases publish')
  })

  it('says what an option does', () => {
    expect(helpText('program', 'scan')).toMatch(/--max-time SECONDS +time for one file/)
    expect(helpText('program', 'scan')).toMatch(/--max-recursion N +open containers in containers down to this depth/)
  })

  it('is pointed at where a line is wrong, with the form of the command alone', () => {
    expect(parseLine(['quarantine', 'restore'])).toEqual({
      kind: 'wrong',
      problem: 'quarantine restore needs ID',
      command: 'quarantine restore',
    })
    expect(hintText('program', 'quarantine list').split('\n')).toEqual([
      'program quarantine list [--json]',
      'program help quarantine list tells more.',
    ])
    expect(parseLine([])).toMatchObject({ kind: 'wrong', problem: 'no command' })
    expect(hintText('program', undefined)).toBe('program help tells more.')
  })

  it('a version is told', () => {
    expect(parseLine(['--version'])).toEqual({ kind: 'version' })
  })
})
