// The helper as a program: says that it is there, reads one request from its standard input, answers on its standard output, and
// ends when nobody needs it any more. Owns the streams and their bounds; what is done is helper.ts's.
// SECURITY: whoever asks may be gone by the time that a person agrees. A request that does not come whole is none.
import { readSync, writeSync } from 'node:fs'
import { errnoOf } from '../../files/fs-errors.ts'
import { bootToken } from '../boot-token.ts'
import { createGuard } from '../guard.ts'
import { createMachine } from '../obstacles/machine.ts'
import { answerHelperRequest } from './helper.ts'
import { mostRequestBytes, readyLine } from './request.ts'

export interface HelperProgramOptions {
  /** Root's own folder for journals. */
  readonly base: string
  /** Folders of the product itself; nothing in them is ever touched. */
  readonly installation: readonly string[]
  /** As the starter passes it on. */
  readonly shownPath: string
}

/** Resolves when the answer is written and nobody needs us any more. */
export async function runHelper({ base, installation, shownPath }: HelperProgramOptions): Promise<void> {
  say(readyLine)
  const text = readRequest()
  if (text === undefined) return
  const { answer, release } = await answerHelperRequest(text, {
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
  say(JSON.stringify(answer))
  waitUntilOver()
  await release()
}

/** Nobody may be there to hear it: that is seen when there is nothing to read. */
function say(line: string): void {
  try {
    writeSync(1, `${line}\n`)
  } catch (error) {
    if (errnoOf(error) !== 'EPIPE' && errnoOf(error) !== 'ECONNRESET') throw error
  }
}

/** One line; one byte more than is allowed tells that it is too much. Undefined: it does not come whole. */
function readRequest(): string | undefined {
  const buffer = Buffer.alloc(mostRequestBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const got = readPiece(buffer, length)
    if (got === 0) return undefined
    const end = buffer.subarray(length, length + got).indexOf(0x0a)
    if (end !== -1) return buffer.toString('utf8', 0, length + end)
    length += got
  }
  return buffer.toString('utf8')
}

function waitUntilOver(): void {
  const buffer = Buffer.alloc(1024)
  while (readPiece(buffer, 0) > 0);
}

/** 0: the other side is closed, or gone. */
function readPiece(buffer: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(0, buffer, at, buffer.length - at, null)
    } catch (error) {
      if (errnoOf(error) === 'ECONNRESET') return 0
      // A pipe that does not block and is empty for the moment.
      if (errnoOf(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
