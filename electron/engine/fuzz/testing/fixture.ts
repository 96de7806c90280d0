// What a changed input is made from: whole bytes of one format, the words of that format, and how to make sums fit again.
// Types and two small helpers only.

export interface Fixture {
  /** Format, then what is special about it: `zip-stored`. */
  readonly name: string
  readonly group: 'archives' | 'documents' | 'mail' | 'programs'
  readonly bytes: Buffer
  readonly tokens: readonly Buffer[]
  /** Makes of changed bytes what is looked at: sums that fit again, or a container around them. */
  readonly finish?: (bytes: Buffer) => Buffer
}

/** Words of a format: text as it is, bytes as `0x` and hexadecimal digits. */
export function tokensOf(...words: readonly string[]): Buffer[] {
  return words.map((word) =>
    /^0x[0-9a-f]+$/.test(word) ? Buffer.from(word.slice(2), 'hex') : Buffer.from(word, 'latin1'),
  )
}
