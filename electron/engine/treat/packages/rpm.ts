// RPM's records, asked by its own program, for its database has had several forms: which digest has the package that owns a path.
// The path is an argument of that program, never part of a command line. Only reads.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ProductError } from '#shared/errors.ts'
import { errnoOf } from '../../files/fs-errors.ts'
import { hasDigest, type PackageRecord } from './package-record.ts'

const run = promisify(execFile)
const answerWithinMs = 20_000
const mostBytes = 64 * 1024 * 1024

export const rpmRecord: PackageRecord = async (root, file) => {
  if (!hasDatabase(root)) return false
  const path = file.path.toString('utf8')
  // Packages have names in UTF-8; arguments of a program are text here.
  if (!Buffer.from(path, 'utf8').equals(file.path)) return false
  const lines = (await dumpOf(join(root, 'usr/bin/rpm'), path)).split('\n')
  // `path size mtime digest mode owner group isconfig isdoc rdev symlink`, for each file of the package.
  for (const line of lines.filter((one) => one.startsWith(`${path} `))) {
    const [, , digest = ''] = line.slice(path.length + 1).split(' ')
    if (await hasDigest(file, digest)) return true
  }
  return false
}

async function dumpOf(program: string, path: string): Promise<string> {
  try {
    const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' }
    const { stdout } = await run(program, ['-q', '--dump', '-f', path], {
      timeout: answerWithinMs,
      maxBuffer: mostBytes,
      env,
    })
    return stdout
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    // It says so when no package owns the path. Whatever else it is, nobody can tell then whether a package does.
    const { code, stdout } = error as { code?: unknown; stdout?: unknown }
    if (code === 1 && typeof stdout === 'string') return stdout
    throw new ProductError('io-error', 'rpm', { cause: error })
  }
}

function hasDatabase(root: string): boolean {
  return ['var/lib/rpm', 'usr/lib/sysimage/rpm'].some((folder) => {
    try {
      return readdirSync(join(root, folder)).length > 0
    } catch {
      return false
    }
  })
}
