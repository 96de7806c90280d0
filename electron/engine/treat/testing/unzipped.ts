// What the unzip command makes of a ZIP, for tests: another program than ours decides whether it is whole.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Contents by names. Throws for an archive that unzip complains about. */
export function unzipped(bytes: Buffer): Map<string, Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'unzipped-'))
  try {
    const file = join(folder, 'a.zip')
    writeFileSync(file, bytes)
    execFileSync('unzip', ['-tqq', file])
    const names = execFileSync('unzip', ['-Z1', file]).toString().trim().split('\n')
    return new Map(names.map((name) => [name, execFileSync('unzip', ['-p', file, name.replace(/[[\]*?]/g, '\\$&')])]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
