// What the records of package managers are asked: does a package name this path with this very content. Types, and the places
// that packages put files into. A record can prevent an act; it never makes a file trusted.

export interface RecordedFile {
  /** Absolute path without links. */
  readonly path: Buffer
  /** Digests of the content in lower-case hex, asked for only where a record names the path. */
  readonly md5: () => Promise<string>
  /** Without it a record that has only SHA-256 says nothing. */
  readonly sha256?: () => Promise<string>
}

/** True when a record under this root names the path with this content. Throws ProductError when it cannot be asked. */
export type PackageRecord = (root: string, file: RecordedFile) => Promise<boolean>

/** Only packages' usual places are looked up: reading thousands of records for each file at home would be wasted. */
export function isPackagePlace(path: Buffer): boolean {
  return /^\/(usr|bin|sbin|lib|lib32|lib64|libx32|opt|etc|var\/lib|srv)\//.test(path.toString('latin1'))
}

/** Compares with a recorded digest, whichever of the two it is. */
export async function hasDigest(file: RecordedFile, recorded: string): Promise<boolean> {
  if (/^[0-9a-f]{64}$/.test(recorded)) return (await file.sha256?.()) === recorded
  return /^[0-9a-f]{32}$/.test(recorded) && (await file.md5()) === recorded
}
