// The machine a test pretends to have: its boot token and the processes that may not be ended. Read by the test entry of
// the engine process at every use.
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'

export class TestMachine {
  private bootToken: string = randomUUID()
  private mayNotEnd: number[] = []
  readonly file: string

  constructor(file: string) {
    this.file = file
    this.write()
  }

  /** From now on this process survives every treatment. */
  protect(pid: number): void {
    this.mayNotEnd.push(pid)
    this.write()
  }

  /** What a restart changes: another boot token, and no process of before. */
  restart(): void {
    this.bootToken = randomUUID()
    this.mayNotEnd = []
    this.write()
  }

  private write(): void {
    writeFileSync(this.file, JSON.stringify({ bootToken: this.bootToken, mayNotEnd: this.mayNotEnd }))
  }
}
