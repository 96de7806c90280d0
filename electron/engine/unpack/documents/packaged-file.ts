// Reads the wrapper in which Windows keeps a file that was put into a document ("package"): label, path, content.
// Source: [MS-OLEDS] and the observed layout of the native stream. Names are shown, never used as paths.

export interface PackagedFile {
  readonly name: Buffer
  readonly bytes: Buffer
  /** It says that it is longer. */
  readonly isCut: boolean
}

/** `content`: the stream without its leading size. Null for what is no package. */
export function packagedFile(content: Buffer): PackagedFile | null {
  let at = 2
  const text = (): Buffer | null => {
    const end = content.indexOf(0, at)
    if (end === -1 || end - at > 1024) return null
    const value = content.subarray(at, end)
    at = end + 1
    return value
  }
  const label = text()
  const path = text()
  if (label === null || path === null || at + 8 > content.length) return null
  // Two numbers, then the path it was taken from, with its length.
  at += 4
  const pathLength = content.readUInt32LE(at)
  at += 4 + pathLength
  if (pathLength > 4096 || at + 4 > content.length) return null
  const size = content.readUInt32LE(at)
  const bytes = content.subarray(at + 4, at + 4 + size)
  const name = label.length > 0 ? label : Buffer.from('package')
  return bytes.length === 0 ? null : { name, bytes, isCut: bytes.length < size }
}
