// A small file that unpacks to a gigabyte of zeros.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

const block = Buffer.alloc(4 * 1024 * 1024)

export async function writeGzipBomb(file: string, bytes = 1024 ** 3): Promise<void> {
  const zeros = Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length))
    })(),
  )
  await pipeline(zeros, createGzip({ level: 9 }), createWriteStream(file))
}
