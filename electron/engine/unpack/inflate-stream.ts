// Inflates what comes in pieces into pieces, each made only when it is asked for.
// Keeps nothing and bounds nothing but bombs and time: whoever asks for pieces stops when it has enough.
import { crc32, createInflate, createInflateRaw, inflateRawSync } from 'node:zlib'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from './budget.ts'
import { type Pieces, Steps } from './inflate-steps.ts'

export type DeflateWrapping = 'gzip' | 'raw' | 'zlib'

// With room for one byte that nobody asked for, the next piece is made only after the last was taken: so an error in the data
// throws away nothing that was made before it.
const options = { chunkSize: 256 * 1024, readableHighWaterMark: 1 }

const restBytes = 1024 * 1024

type Inflater = ReturnType<typeof createInflateRaw>

/** For one reader. Errors of `packed` are thrown on; those of the data end the pieces and are told by `problem`. */
export class InflatedPieces implements AsyncIterable<Buffer> {
  private readonly packed: Pieces
  private readonly wrapping: DeflateWrapping
  private readonly budget: Budget
  private reason: NotScannedReason | undefined
  /** Bytes of `packed` that were used, and what they became. */
  private used = 0
  private made = 0
  private ended = 0
  private rest: Buffer = Buffer.alloc(0)

  constructor(packed: Pieces, wrapping: DeflateWrapping, budget: Budget) {
    this.packed = packed
    this.wrapping = wrapping
    this.budget = budget
  }

  /** After the last piece: how much of the packed data was its own, headers and sums included. */
  get usedBytes(): number {
    return this.ended
  }

  /** After the last piece: the beginning of what follows a gzip file without belonging to it. */
  get behind(): Buffer {
    return this.rest
  }

  /** After the last piece: why it is not all of the content. */
  get problem(): NotScannedReason | undefined {
    return this.reason
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const steps = new Steps(this.packed)
    try {
      if (this.wrapping === 'gzip') yield* this.gzipMembers(steps)
      else {
        yield* this.inflate(this.wrapping === 'raw' ? createInflateRaw(options) : createInflate(options), steps)
        this.ended = steps.at
      }
    } catch (error) {
      if (!isDamage(error)) throw error
      this.reason = isCut(error) ? 'truncated' : 'corrupt'
    } finally {
      await steps.close()
    }
  }

  /** Members of a gzip file are one content, also with zeros between them. What follows them without being one is no damage, as for gzip itself. */
  private async *gzipMembers(steps: Steps): AsyncGenerator<Buffer> {
    for (let members = 0; this.reason === undefined; members += 1) {
      if (members > 0) await steps.passZeros()
      const header = await passGzipHeader(steps)
      if (header === 'none' && members > 0) {
        this.rest = await steps.take(restBytes)
        return
      }
      if (header !== 'passed') this.reason = header === 'cut' ? 'truncated' : 'corrupt'
      else if (this.budget.isOverTime()) this.reason = 'time-limit'
      else {
        yield* this.gzipMember(steps)
        this.ended = steps.at
      }
    }
  }

  private async *gzipMember(steps: Steps): AsyncGenerator<Buffer> {
    let sum = 0
    const small = await smallMember(steps)
    const pieces = small === null ? this.inflate(createInflateRaw(options), steps) : [this.count(small)]
    for await (const piece of pieces) {
      sum = crc32(piece, sum)
      if (piece.length > 0) yield piece
    }
    if (this.reason !== undefined) return
    const end = await steps.take(8)
    if (end.length < 8) this.reason = 'truncated'
    else if (end.readUInt32LE(0) !== sum) this.reason = 'corrupt'
  }

  private async *inflate(stream: Inflater, steps: Steps): AsyncGenerator<Buffer> {
    const feeding = feed(stream, steps)
    const usedBefore = this.used
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        yield this.count({ used: usedBefore + Number(stream.bytesWritten) - this.used, made: piece })
        if (this.reason !== undefined) return
      }
    } finally {
      stream.destroy()
      // Nothing may be read from what feeds it once this has ended.
      await feeding
      this.used = usedBefore + Number(stream.bytesWritten)
    }
  }

  private count({ used, made }: Made): Buffer {
    this.used += used
    this.made += made.length
    if (this.budget.isBomb(Math.max(1, this.used), this.made)) this.reason = 'bomb'
    return made
  }
}

interface Made {
  readonly used: number
  readonly made: Buffer
}

const smallOptions = { info: true, maxOutputLength: 1024 * 1024 }

/** A file may consist of a million members: what lies wholly in one step is made at once. Null: it does not. */
async function smallMember(steps: Steps): Promise<Made | null> {
  const step = await steps.next()
  if (step === null) return null
  try {
    // With `info` it is not only the bytes that are returned, which the types do not know.
    const result: unknown = inflateRawSync(step, smallOptions)
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
    steps.putBack(step.subarray(engine.bytesWritten))
    return { used: engine.bytesWritten, made: buffer }
  } catch {
    steps.putBack(step)
    return null
  }
}

/** Ends with the stream; what fails here is the stream's error. What the stream did not use is put back. */
async function feed(stream: Inflater, steps: Steps): Promise<void> {
  let given = 0
  try {
    for (;;) {
      const step = await steps.next()
      if (step === null) break
      given += step.length
      await written(stream, step)
      const unused = given - Number(stream.bytesWritten)
      // What is not used lies behind the end of the data.
      if (unused > 0 || stream.destroyed) return steps.putBack(step.subarray(step.length - unused))
    }
    stream.end()
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Until everything that the step becomes was taken, or the stream is no more. */
function written(stream: Inflater, step: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.write(step, () => {
      stream.off('close', resolve)
      resolve()
    })
  })
}

const magic = Buffer.from('1f8b08', 'hex')
const [hasSum, hasExtra, hasName, hasComment] = [2, 4, 8, 16]

async function passGzipHeader(steps: Steps): Promise<'passed' | 'cut' | 'none'> {
  const fixed = await steps.take(10)
  if (!fixed.subarray(0, 3).equals(magic)) {
    steps.putBack(fixed)
    return 'none'
  }
  if (fixed.length < 10) return 'cut'
  const flags = fixed[3] ?? 0
  if ((flags & hasExtra) !== 0) {
    const length = await steps.take(2)
    if (length.length < 2) return 'cut'
    await steps.take(length.readUInt16LE(0))
  }
  for (const text of [hasName, hasComment]) if ((flags & text) !== 0 && !(await steps.passText())) return 'cut'
  if ((flags & hasSum) !== 0 && (await steps.take(2)).length < 2) return 'cut'
  return 'passed'
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

/** The data ends before its own end mark. */
function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
}
