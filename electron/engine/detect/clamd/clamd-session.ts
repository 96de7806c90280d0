// One connection to ClamAV's scanner service: commands go out numbered, answers come back in any order.
// Source: clamd(8), the `z` commands and IDSESSION. Believes no answer further than its number and its known endings.
import { connect, type Socket } from 'node:net'

export interface ClamdSession {
  readonly isOpen: boolean
  /** It was closed because an answer did not come in time. */
  readonly timedOut: boolean
  /** The answer to VERSION. */
  version(timeoutMs: number): Promise<string>
  /** The answer to a stream of these bytes, which are not to be changed before it came. */
  scan(bytes: Buffer, timeoutMs: number): Promise<string>
  end(): void
}

/** Bytes without an end that an answer may have. */
const longestAnswer = 16 * 1024

/** Rejects when nobody listens, or nothing comes of it in time. */
export function openSession(socketPath: string, timeoutMs: number): Promise<ClamdSession> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error('clamd does not take the connection')), timeoutMs)
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(sessionOver(socket))
    })
  })
}

interface Waiting {
  readonly resolve: (answer: string) => void
  readonly reject: (error: Error) => void
}

function sessionOver(socket: Socket): ClamdSession {
  const waiting = new Map<number, Waiting>()
  let sent = 0
  let text = ''
  let isOpen = true
  let timedOut = false

  function close(reason: string): void {
    isOpen = false
    socket.destroy()
    for (const { reject } of waiting.values()) reject(new Error(reason))
    waiting.clear()
  }

  function take(answer: string): void {
    const parts = /^(\d{1,9}): ([\s\S]*)$/.exec(answer)
    const id = Number(parts?.[1] ?? Number.NaN)
    const one = waiting.get(id)
    if (one === undefined) {
      close('an answer that nobody asked for')
      return
    }
    waiting.delete(id)
    one.resolve(parts?.[2] ?? '')
  }

  socket.setEncoding('latin1')
  socket.on('data', (piece: string) => {
    text += piece
    for (let end = text.indexOf('\0'); end !== -1 && isOpen; end = text.indexOf('\0')) {
      take(text.slice(0, end))
      text = text.slice(end + 1)
    }
    if (text.length > longestAnswer) close('an answer without an end')
  })
  // An answer may still be on its way when writing has failed: it comes before `close`.
  socket.on('error', () => undefined)
  socket.on('close', () => close('clamd closed the connection'))
  socket.write('zIDSESSION\0')

  function ask(write: () => void, timeoutMs: number): Promise<string> {
    if (!isOpen) return Promise.reject(new Error('the connection is closed'))
    sent += 1
    const id = sent
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        timedOut = true
        close('no answer in time')
      }, timeoutMs)
      const settle =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer)
          act(value)
        }
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
      write()
    })
  }

  return {
    get isOpen() {
      return isOpen
    },
    get timedOut() {
      return timedOut
    },
    version: (timeoutMs) => ask(() => socket.write('zVERSION\0'), timeoutMs),
    scan: (bytes, timeoutMs) => ask(() => writeStream(socket, bytes), timeoutMs),
    end: () => close('ended'),
  }
}

/** One piece of the whole length, and the empty one that ends a stream. */
function writeStream(socket: Socket, bytes: Buffer): void {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  socket.cork()
  socket.write('zINSTREAM\0')
  if (bytes.length > 0) {
    socket.write(length)
    socket.write(bytes)
  }
  socket.write(Buffer.alloc(4))
  socket.uncork()
}
