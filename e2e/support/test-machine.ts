// The machine a test pretends to have: its boot token, the processes that may not be ended, whether it lets itself be
// restarted, and what a person answers who is asked for an administrator. Read by the test entries of the app and of its engine at every use.
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { restartsFileName } from './machine-file.ts'

export class TestMachine {
  private bootToken: string = randomUUID()
  private mayNotEnd: number[] = []
  private refusesRestart = false
  private administrator: 'yes' | 'no' | undefined
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

  /** From now on it does, or does not, let the app restart it. */
  refuseRestarts(refuses: boolean): void {
    this.refusesRestart = refuses
    this.write()
  }

  /** The person is an ordinary user from now on, and answers this when the system asks for an administrator. */
  answerAsAdministrator(answer: 'yes' | 'no'): void {
    this.administrator = answer
    this.write()
  }

  /** How often the app asked for a restart. */
  restartsAsked(): number {
    const file = restartsFileName(dirname(this.file))
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0
  }

  /** What a restart changes: another boot token, and no process of before. */
  restart(): void {
    this.bootToken = randomUUID()
    this.mayNotEnd = []
    this.write()
  }

  /** Whole at every moment: app and engine may read it right now. */
  private write(): void {
    const { bootToken, mayNotEnd, refusesRestart, administrator } = this
    const next = `${this.file}.next`
    writeFileSync(next, JSON.stringify({ bootToken, mayNotEnd, refusesRestart, administrator }))
    renameSync(next, this.file)
  }
}
