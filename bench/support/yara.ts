// YARA's own programs as a peer: compiles rules, scans a tree, gives the pairs of rule and file.
import { basename, join } from 'node:path'
import type { CliScan } from './command-line.ts'
import { isInstalled, run } from './command-line.ts'

export interface YaraRun {
  readonly ms: number
  readonly matches: ReadonlySet<string>
}

/** What rules may ask for; YARA is given them empty. */
const variables = ['filename', 'filepath', 'extension', 'filetype', 'owner'].flatMap((name) => ['-d', `${name}=`])

/** Throws when YARA is not installed: a peer that was not there is no result. */
export async function compileForYara(folder: string, rules: readonly string[]): Promise<string> {
  if (!isInstalled('yara') || !isInstalled('yarac')) throw new Error('yara is not installed: apt-get install yara')
  const compiled = join(folder, 'rules.yarc')
  const { code, err } = await run('yarac', ['-w', ...variables, ...rules, compiled])
  if (code !== 0) throw new Error(`yarac ended with ${code}: ${err.slice(0, 500)}`)
  return compiled
}

/** `yara -C -p 2 -r`. */
export async function yaraScan(compiled: string, tree: string): Promise<YaraRun> {
  const { ms, code, out, err } = await run('yara', ['-C', '-w', '-p', '2', '-r', compiled, tree])
  if (code !== 0) throw new Error(`yara ended with ${code}: ${err.slice(0, 500)}`)
  const lines = out.trim().split('\n').filter(Boolean)
  return {
    ms,
    matches: new Set(lines.map((line) => pair(line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)))),
  }
}

/** Pairs that only one side has; `isExcepted` says of a rule that the sides cannot agree on it. */
export function differences(
  scan: CliScan,
  peer: YaraRun,
  isExcepted: (rule: string) => boolean,
): { readonly compared: number; readonly differing: readonly string[]; readonly excepted: number } {
  const own = new Set(
    scan.found
      .filter(({ member, engine }) => member.length === 0 && engine === 'yara')
      .map(({ threat, path }) => pair(threat, path)),
  )
  const only = [...own].filter((each) => !peer.matches.has(each))
  const missing = [...peer.matches].filter((each) => !own.has(each))
  const all = [...only, ...missing]
  const differing = all.filter((each) => !isExcepted(each.slice(0, each.indexOf(' '))))
  return { compared: own.size, differing, excepted: all.length - differing.length }
}

function pair(rule: string, path: string): string {
  return `${rule} ${basename(path)}`
}
