// Looks up which rules ask about a content as a whole (databases/whole-content-rules.ts). Read when it is asked for the first
// time: most scans meet no large content in which anything matches.
import type { RuleMatch } from './pattern-engine.ts'

export class WholeContentRules {
  private readonly lines: Uint8Array
  private names: ReadonlySet<string> | undefined

  constructor(lines: Uint8Array) {
    this.lines = lines
  }

  has({ namespace, rule }: RuleMatch): boolean {
    this.names ??= new Set(Buffer.from(this.lines).toString('utf8').split('\n'))
    return this.names.has(`${namespace}\t${rule}`) || this.names.has(`${namespace}\t*`)
  }
}
