// Runs programs to their end and times them: the product's command line, and the programs it is compared with.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { inProject } from './project.ts'

const limitMs = 300_000
/** Of what a program prints, only so much is kept. */
const mostPrinted = 256 * 1024 * 1024

export interface Ran {
  readonly ms: number
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Found {
  /** For people; `pathBase64` is what it really is. */
  readonly path: string
  readonly pathBase64: string
  readonly member: readonly string[]
  readonly threat: string
  readonly engine: string
}

export interface CliScan {
  /** From the start of the program to its end. */
  readonly ms: number
  /** Of the scan alone, as it says itself. */
  readonly scanMs: number
  readonly files: number
  readonly bytes: number
  readonly found: readonly Found[]
  readonly treated: number
}

export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', keepIn(out))
    child.stderr.on('data', keepIn(err))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ ms: performance.now() - started, code, out: textOf(out), err: textOf(err) }),
    )
  })
}

/** `cli scan --json` with a data folder of its own; the same folder again = a repeated scan. */
export async function cliScan(tree: string, dataDir: string, ...options: string[]): Promise<CliScan> {
  const ran = await run(process.execPath, [inProject('out/main/cli.js'), 'scan', '--json', ...options, tree], {
    PROTECTION_DATA_DIR: dataDir,
  })
  if (ran.code !== 0 && ran.code !== 1)
    throw new Error(`the command line ended with ${ran.code}: ${ran.err.slice(0, 500)}`)
  const lines = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string } & Record<string, unknown>)
  const summary = lines.at(-1)
  if (summary?.type !== 'summary') throw new Error('the command line gave no summary')
  if (summary.outcome !== 'completed') throw new Error(`the scan was ${summary.outcome}`)
  return {
    ms: ran.ms,
    scanMs: Number(summary.durationMs),
    files: Number(summary.files),
    bytes: Number(summary.bytes),
    found: lines.filter((line) => line.type === 'finding') as unknown as Found[],
    treated: lines.filter((line) => line.type === 'treated').length,
  }
}

/** Lists the tree with what a change shows in: the least that any scan of it has to do. */
export async function findMs(tree: string): Promise<number> {
  return (await run('find', [tree, '-type', 'f', '-printf', '%s %T@ %i\\n'])).ms
}

export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}

function keepIn(pieces: Buffer[]): (piece: Buffer) => void {
  let kept = 0
  return (piece) => {
    if (kept < mostPrinted) pieces.push(piece)
    kept += piece.length
  }
}

function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8')
}
