// A worker's in-flight slot: the path of the file it reads right now, in a file that outlives the process.
// Layout: length of the path (32 bit LE), cause of death (8 bit), path. Never holds anything of the file's content.
// Of a single object the slot holds what it is known by (object-deaths.ts) in the place of a path.
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

/** Why a file that was in flight ended the process. */
export type DeathCause = 'engine-crash' | 'engine-timeout'

export interface SlotRecord {
  readonly path: Buffer
  readonly cause: DeathCause
}

const headerBytes = 5
const timeoutMark = 1
const nothing = Buffer.alloc(headerBytes)

/** Writes one worker's slot; keeps the file open between writes. */
export class SlotWriter {
  #file = ''
  #fd = -1

  /** Notes `path` in `file` before it is read. Best effort: a full disk must not stop the scan. */
  set(file: string, path: Uint8Array): void {
    try {
      this.#write(file, path)
    } catch {
      this.close()
    }
  }

  #write(file: string, path: Uint8Array): void {
    if (file !== this.#file) this.#open(file)
    const record = Buffer.alloc(headerBytes + path.length)
    record.writeUInt32LE(path.length, 0)
    record.set(path, headerBytes)
    writeSync(this.#fd, record, 0, record.length, 0)
  }

  /** Nothing is in flight. */
  clear(): void {
    if (this.#fd < 0) return
    try {
      writeSync(this.#fd, nothing, 0, headerBytes, 0)
    } catch {
      this.close()
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
    this.#file = ''
  }

  #open(file: string): void {
    this.close()
    this.#fd = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600)
    this.#file = file
  }
}

/** Notes that the file in this slot is about to cost the process its life for taking too long. */
export function markTimeout(file: string): void {
  const fd = openSync(file, constants.O_WRONLY)
  writeSync(fd, Buffer.of(timeoutMark), 0, 1, headerBytes - 1)
  closeSync(fd)
}

/** Says that nothing is in flight in this slot of another thread: it is known who ends the process. */
export function clearSlot(file: string): void {
  const fd = openSync(file, constants.O_WRONLY)
  writeSync(fd, nothing, 0, headerBytes, 0)
  closeSync(fd)
}

/** What a slot of a dead process says; null when nothing was in flight. */
export function readSlot(file: string): SlotRecord | null {
  const bytes = readFileSync(file)
  if (bytes.length < headerBytes) return null
  const length = bytes.readUInt32LE(0)
  if (length === 0 || bytes.length < headerBytes + length) return null
  const path = bytes.subarray(headerBytes, headerBytes + length)
  return { path, cause: bytes[headerBytes - 1] === timeoutMark ? 'engine-timeout' : 'engine-crash' }
}
