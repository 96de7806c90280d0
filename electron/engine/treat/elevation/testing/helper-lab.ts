// The real helper as a program of its own, with folders of a test: for its journals, its installation, and files to treat.
// Used by tests only.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { identityOfOpen } from '../../../files/content.ts'
import { toFilePath } from '../../../files/path-text.ts'
import { exists, infectedContent } from '../../testing/treatment-lab.ts'
import { HelperAnswer, type HelperRequest } from '../request.ts'

/** Builds the helper under a name of the test's own; its path. */
export async function buildHelper(name: string): Promise<string> {
  const file = resolve(`out/tests/treat/${name}.mjs`)
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'helper-for-tests.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  return file
}

export interface AskedAs {
  readonly uid?: number
  /** A program that runs the helper. */
  readonly inside?: readonly string[]
}

export interface HelperLab {
  readonly root: string
  readonly files: string
  write(name: string, content?: Buffer | string): string
  ask(request: HelperRequest): HelperAnswer
  /** Gives this line to a helper whose person was shown that path. */
  askWith(line: string, shown: string, as?: AskedAs): HelperAnswer
  /** All that it says to an input that ends. */
  hear(input: string, shown: string): string
  /** A helper that is given nothing yet. */
  start(shown: string): ChildProcess
  journalsLeft(): string[]
  remove(): void
}

export function createHelperLab(program: string): HelperLab {
  const root = mkdtempSync(join(tmpdir(), 'helper-'))
  const files = join(root, 'files')
  mkdirSync(files)
  mkdirSync(join(root, 'installation'))
  const helper = [process.execPath, program, join(root, 'base'), join(root, 'installation')]
  const envFor = (shown: string) => ({ PATH: process.env.PATH ?? '', TREAT_HELPER_PATH: shown })
  const hear = (input: string, shown: string, { uid, inside = [] }: AskedAs = {}): string => {
    const [command = '', ...args] = [...inside, ...helper]
    const as = uid === undefined ? {} : { uid }
    const ended = spawnSync(command, args, { input, encoding: 'utf8', env: envFor(shown), ...as })
    if (ended.status !== 0) throw new Error(ended.stderr)
    return ended.stdout
  }
  const askWith: HelperLab['askWith'] = (line, shown, as) => {
    const [ready, answer = ''] = hear(`${line}\n`, shown, as).split('\n')
    if (ready !== 'ready') throw new Error(`the helper begins with ${ready}`)
    return HelperAnswer.parse(JSON.parse(answer))
  }
  return {
    root,
    files,
    write: (name, content = infectedContent()) => {
      writeFileSync(join(files, name), content)
      return join(files, name)
    },
    ask: (request) => askWith(JSON.stringify(request), shownOf(request)),
    askWith,
    hear,
    start: (shown) => {
      const [command = '', ...args] = helper
      return spawn(command, args, { env: envFor(shown), stdio: ['pipe', 'pipe', 'inherit'] })
    },
    journalsLeft: () => (exists(join(root, 'base')) ? readdirSync(join(root, 'base')) : []),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export const shownOf = (request: HelperRequest): string => toFilePath(Buffer.from(request.path, 'base64')).text

export async function requestFor(path: string | Buffer, change: Partial<HelperRequest> = {}): Promise<HelperRequest> {
  const fd = openSync(path, 'r')
  try {
    const identity = await identityOfOpen(fd)
    return { version: 1, verb: 'delete', path: Buffer.from(path).toString('base64'), identity, ...change }
  } finally {
    closeSync(fd)
  }
}

/** The next whole line that it says. */
export function nextLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let out = ''
    const hear = (bytes: Buffer): void => {
      out += bytes.toString()
      if (!out.includes('\n')) return
      stdout?.off('data', hear)
      done(out.trim())
    }
    stdout?.on('data', hear)
    stdout?.once('end', () => failed(new Error('the helper ended')))
  })
}
