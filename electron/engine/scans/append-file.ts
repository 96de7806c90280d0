// A file of a running scan that only grows: whole pieces or nothing of them, put on the disk when asked.
// Owns the file calls; what the bytes mean is its users' business.
import { close, constants, fstatSync, fsync, ftruncateSync, openSync } from 'node:fs'
import { writeAll } from '../files/content.ts'

/** What is done to the disk; tests put theirs in its place. */
export interface AppendDisk {
  /** Writes all of it, or throws. */
  write(fd: number, bytes: Uint8Array): void
  /** Resolves when what was written before is on the disk. */
  sync(fd: number): Promise<void>
}

export const realDisk: AppendDisk = {
  write: writeAll,
  // Not in our own thread: a slow disk must not keep the scan waiting.
  sync: (fd) => new Promise((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve()))),
}

export class AppendFile {
  readonly #disk: AppendDisk
  readonly #fd: number
  #length: number
  #syncing: Promise<void> = Promise.resolve()

  /** Opens or makes it (mode 0600). `wholeBytes`: up to where it can be read; what follows is cut off. */
  constructor(file: string, disk: AppendDisk, wholeBytes?: number) {
    this.#disk = disk
    this.#fd = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600)
    this.#length = wholeBytes ?? fstatSync(this.#fd).size
    ftruncateSync(this.#fd, this.#length)
  }

  /** Throws file system errors; then nothing of it is there. */
  append(bytes: Uint8Array): void {
    try {
      this.#disk.write(this.#fd, bytes)
      this.#length += bytes.length
    } catch (error) {
      // Half a piece would spoil the next one.
      ftruncateSync(this.#fd, this.#length)
      throw error
    }
  }

  /** Resolves when all that was appended before is on the disk. */
  sync(): Promise<void> {
    const done = this.#disk.sync(this.#fd)
    this.#syncing = done.catch(() => undefined)
    return done
  }

  /** Nothing may be appended after it. */
  close(): void {
    // The number of a closed descriptor may be another file's by the time a sync comes to it.
    void this.#syncing.then(() => close(this.#fd))
  }
}
