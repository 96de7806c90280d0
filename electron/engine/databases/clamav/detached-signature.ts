// The detached signature of a database container (`main-62.cvd.sign`, since ClamAV 1.5) and the roots that it is checked with.
// A wrong one is final; what cannot be checked here (no root, a form of later versions) leaves it to the signatures inside.
// Source: codesign.rs and cvd.rs of ClamAV 1.5.
import { X509Certificate } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { signedDataProblem } from './signed-data.ts'
import { configuredFolder } from './system-databases.ts'

export type Detached = 'good' | 'not-checked' | 'missing' | { readonly refused: string }

/** The level of ClamAV that checks these signatures first: lines are for levels. */
const signLevel = 220
const longestText = 1024 * 1024
const usualRoots = ['/etc/clamav/certs', '/usr/local/etc/certs']
const mostRoots = 100

/** What lies beside the container of this version says about a whole container with this SHA-256. */
export function detachedSignature(
  { path, version, sha256 }: { readonly path: string; readonly version: number; readonly sha256: string },
  roots: readonly X509Certificate[],
  now = new Date(),
): Detached {
  const [name = ''] = basename(path).split(/[-.]/)
  const text = readText(join(dirname(path), `${name}-${version}.cvd.sign`))
  if (text === null) return 'missing'
  const [first = '', ...lines] = text.split(/\r?\n/)
  if (first !== '#clamsign-1.0' || roots.length === 0) return 'not-checked'
  for (const line of lines) {
    const [least = '', most = '', kind, data = '', ...more] = line.trim().split(':')
    if (kind !== 'pkcs7-pem' || more.length > 0 || !isForLevel(least, most)) continue
    const problem = signedDataProblem(Buffer.from(data, 'base64'), Buffer.from(sha256, 'hex'), { roots, now })
    return problem === null ? 'good' : { refused: `its detached signature is refused: ${problem}` }
  }
  return 'not-checked'
}

function isForLevel(least: string, most: string): boolean {
  return Number(least || 0) <= signLevel && Number(most || Number.POSITIVE_INFINITY) >= signLevel
}

/** The roots that ClamAV keeps on this computer; none where it is older. */
export function systemRoots(): readonly X509Certificate[] {
  const configured = configuredFolder('CVDCertsDirectory')
  const folders = configured === null ? usualRoots : [configured]
  return folders.flatMap(rootsIn).slice(0, mostRoots)
}

/** SECURITY: a root is whatever lies there, so that nobody but root and we may have put it there. */
function rootsIn(folder: string): X509Certificate[] {
  try {
    if (!isOurs(folder)) return []
    return readdirSync(folder)
      .filter((name) => /\.(?:crt|pem)$/.test(name))
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isFile() && isOurs(path))
      .flatMap(
        (path) =>
          readFileSync(path, 'latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
      )
      .map((pem) => new X509Certificate(pem))
  } catch {
    return []
  }
}

function isOurs(path: string): boolean {
  const { uid, mode } = statSync(path)
  return (uid === 0 || uid === process.geteuid?.()) && (mode & 0o022) === 0
}

function readText(path: string): string | null {
  try {
    return statSync(path).size > longestText ? '' : readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
