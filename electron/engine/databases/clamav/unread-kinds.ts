// Kinds of ClamAV's signature files that are left to ClamAV itself: what they hold, and how that is told.
// Never reads a file; what is silent here would look like signatures that are in use.

/** By extension. Files of a container's other extensions are told too, by that extension. */
export const unreadKinds: ReadonlyMap<string, string> = new Map([
  ['cbc', 'bytecode'],
  ['idb', 'icon'],
  ['imp', 'import table'],
  ...['cdb', 'zmd', 'rmd'].map((extension) => [extension, 'container metadata'] as const),
  ...['pdb', 'gdb', 'wdb'].map((extension) => [extension, 'phishing'] as const),
  ...['crb', 'cat'].map((extension) => [extension, 'certificate'] as const),
  ...['db', 'sdb'].map((extension) => [extension, 'old pattern'] as const),
  ['ftm', 'file type'],
  ['pwdb', 'password'],
  ['ioc', 'indicator'],
  ['ign', 'old exclusion'],
])

/** Bytecode is one signature in each file, the others have one in each line. */
export function signaturesIn(extension: string, lines: number): number {
  return extension === 'cbc' ? Math.min(1, lines) : lines
}

/** For a person; null when there are none. `counts`: how many of each extension. */
export function unreadNote(counts: ReadonlyMap<string, number>): string | null {
  const sums = new Map<string, number>()
  for (const [extension, count] of counts) {
    const what = unreadKinds.get(extension) ?? `.${extension}`
    sums.set(what, (sums.get(what) ?? 0) + count)
  }
  const parts = [...sums].filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`)
  if (parts.length === 0) return null
  const all = [...sums.values()].reduce((sum, count) => sum + count, 0)
  const [signatures, kinds] = [all === 1 ? 'signature' : 'signatures', parts.length === 1 ? 'a kind' : 'kinds']
  return `${parts.join(', ')} ${signatures} of ${kinds} that ${parts.length === 1 ? 'is' : 'are'} left to ClamAV`
}
