// ClamAV's database containers (CVD, CLD): reads and verifies them, gives the files inside.
// Never gives a file of a container that did not verify; never writes, never follows a path from inside.

/** One file of a container. */
export interface ContainedFile {
  /** A flat name such as `main.hsb`. */
  readonly name: string
  readonly bytes: Buffer
}

export interface OpenedContainer {
  readonly name: string
  readonly version: number
  /** When it was built, ISO 8601. */
  readonly builtAt: string
  readonly signatures: number
  readonly files: readonly ContainedFile[]
}

/** The verified content, or why it is refused. Never throws for bad content. */
export function openContainer(_name: string, _bytes: Buffer): OpenedContainer | { readonly refused: string } {
  return { refused: 'not supported yet' }
}
