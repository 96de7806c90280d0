// The helper as a program: reads one request from its standard input, answers on its standard output, ends.
// Owns the streams and their bounds; what is done is helper.ts's.
import { readSync, writeSync } from 'node:fs'
import { errnoOf } from '../../files/fs-errors.ts'
import { bootToken } from '../boot-token.ts'
import { createGuard } from '../guard.ts'
import { createMachine } from '../obstacles/machine.ts'
import { answerHelperRequest } from './helper.ts'
import { mostRequestBytes } from './request.ts'

export interface HelperProgramOptions {
  /** Root's own folder for journals. */
  readonly base: string
  /** Folders of the product itself; nothing in them is ever touched. */
  readonly installation: readonly string[]
  /** As the starter passes it on. */
  readonly shownPath: string
}

/** Resolves when the answer is written. */
export async function runHelper({ base, installation, shownPath }: HelperProgramOptions): Promise<void> {
  const answer = await answerHelperRequest(readInput(), {
    base,
    shownPath,
    ports: {
      bootToken,
      mayEnd: () => true,
      now: () => new Date(),
      machine: createMachine(),
      guard: createGuard({ installation, dataDirs: [base] }),
      // What starts an object by itself is removed by whoever asks, with copies of it: we could keep none.
      autostart: { root: base, homes: [], reload: () => Promise.resolve() },
    },
  })
  writeSync(1, `${JSON.stringify(answer)}\n`)
}

/** One byte more than is allowed tells that it is too much. */
function readInput(): string {
  const buffer = Buffer.alloc(mostRequestBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const got = readPiece(buffer, length)
    if (got === 0) break
    length += got
  }
  return buffer.toString('utf8', 0, length)
}

function readPiece(buffer: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(0, buffer, at, buffer.length - at, null)
    } catch (error) {
      // A pipe that does not block and is empty for the moment.
      if (errnoOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
