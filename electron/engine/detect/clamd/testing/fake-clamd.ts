// A scanner service that answers as a test says, over a real socket in a folder of its own. Used by tests only.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClamdSettings } from '../clamd-settings.ts'

/** What is done with a stream; the text goes back under its number, null says nothing. */
export type Answer = (bytes: Buffer, reply: (text: string) => void, socket: Socket, id: number) => void

export interface FakeClamd {
  readonly settings: ClamdSettings
  /** Streams that came, in their order. */
  readonly streams: Buffer[]
  readonly connections: () => number
  close(): Promise<void>
}

/** `limits`: what its settings would say. `version` null: it never says anything of itself. */
export async function startFakeClamd(
  answer: Answer,
  limits: Partial<ClamdSettings> = {},
  version: string | null = 'ClamAV 1.4.6/27000/Mon',
): Promise<FakeClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-clamd-'))
  const socketPath = join(folder, 'clamd.ctl')
  const streams: Buffer[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server: Server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    let ids = 0
    socket.on('error', () => undefined)
    onCommands(socket, (command, bytes) => {
      if (command === 'zIDSESSION') return
      ids += 1
      const id = ids
      const reply = (text: string): void => void socket.write(`${id}: ${text}\0`)
      if (command === 'zVERSION') {
        if (version !== null) reply(version)
      } else {
        streams.push(bytes)
        answer(bytes, reply, socket, id)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    settings: { socketPath, streamBytes: 1000, fileBytes: 500, scanMs: 120_000, files: 10_000, ...limits },
    streams,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Commands end with a zero byte; a stream follows its command in pieces with their lengths. */
function onCommands(socket: Socket, take: (command: string, bytes: Buffer) => void): void {
  let held = Buffer.alloc(0)
  socket.on('data', (piece: Buffer) => {
    held = Buffer.concat([held, piece])
    for (;;) {
      const end = held.indexOf(0)
      if (end === -1) return
      const command = held.toString('latin1', 0, end)
      const stream = command === 'zINSTREAM' ? readStream(held, end + 1) : { bytes: Buffer.alloc(0), next: end + 1 }
      if (stream === null) return
      held = held.subarray(stream.next)
      take(command, stream.bytes)
    }
  })
}

function readStream(held: Buffer, from: number): { bytes: Buffer; next: number } | null {
  const pieces: Buffer[] = []
  for (let at = from; at + 4 <= held.length; ) {
    const length = held.readUInt32BE(at)
    at += 4
    if (length === 0) return { bytes: Buffer.concat(pieces), next: at }
    if (at + length > held.length) return null
    pieces.push(held.subarray(at, at + length))
    at += length
  }
  return null
}
