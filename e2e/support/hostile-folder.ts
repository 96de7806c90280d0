// A folder with everything a file system allows and a scanner trips over: names that are no text, things that are no files,
// and links that lead round in circles. Made at run time; the caller removes it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { eicarBytes, suspiciousMarkerBytes } from '../../shared/testing/samples.ts'

/** Names of suspicious files: as bytes on disk, and as people are shown them. */
export const hostileNames: readonly { readonly bytes: Buffer; readonly shown: string }[] = [
  { bytes: Buffer.from('line\nbreak.js'), shown: 'line\\x0abreak.js' },
  { bytes: Buffer.from([0x6e, 0x6f, 0xff, 0xfe, 0x2e, 0x6a, 0x73]), shown: 'no\\xff\\xfe.js' },
  { bytes: Buffer.from('true'), shown: 'true' },
  { bytes: Buffer.from('123'), shown: '123' },
  { bytes: Buffer.from('<img src=x onerror=alert(1)>.js'), shown: '<img src=x onerror=alert(1)>.js' },
]

/** 255 bytes, the longest name there is; its content is malware. */
export const longestName = `${'n'.repeat(251)}.com`

/** Things in the folder that are no regular files, and are not scanned. */
export const specialNames = ['pipe', 'socket'] as const

export async function makeHostileFolder(folder: string): Promise<Server> {
  mkdirSync(folder)
  for (const { bytes } of hostileNames) {
    const file = Buffer.concat([Buffer.from(`${folder}/`), bytes])
    writeFileSync(file, Buffer.concat([bytes, suspiciousMarkerBytes()]))
  }
  writeFileSync(join(folder, longestName), eicarBytes())
  execFileSync('mkfifo', [join(folder, 'pipe')])
  symlinkSync('.', join(folder, 'here'))
  symlinkSync('..', join(folder, 'up'))
  symlinkSync('second', join(folder, 'first'))
  symlinkSync('first', join(folder, 'second'))
  symlinkSync('/etc/passwd', join(folder, 'elsewhere'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve))
  return server
}
