// Tells whether a command starts the bad file: as its program, as the script of an interpreter, through programs that only start
// another one, or in a shell's `-c`. Only exact references count: a path that merely occurs in an argument is none.
// Never runs anything.
import { interpreterOf, runsAsScript } from '../interpreters.ts'
import type { Aim } from './aim.ts'
import { readShell } from './shell-text.ts'
import type { Homes, Word } from './shell-words.ts'

/** Where a command is given: what it is compared with, whose homes, and its folder where that is known. */
export interface Scene {
  readonly aim: Aim
  readonly homes: Homes
  readonly folder: string | undefined
}

/**
 * `it`: starts the bad file. `help`: does nothing but look, wait or change the folder. `setting`: changes the shell it is in.
 * `other`: anything else.
 */
export type Sort = 'it' | 'help' | 'setting' | 'other'

type Texts = readonly (string | undefined)[]

interface Wrapper {
  /** Options with a value of their own. */
  readonly values: ReadonlySet<string>
  /** Arguments before the command. */
  readonly skips: number
}

const wrapper = (values = '', skips = 0): Wrapper => ({ values: new Set(values.split(' ').filter(Boolean)), skips })

/** Programs that start the command in their arguments. */
const wrappers = new Map<string, Wrapper>([
  ['nohup', wrapper()],
  ['setsid', wrapper()],
  ['exec', wrapper('-a')],
  ['command', wrapper()],
  ['builtin', wrapper()],
  ['time', wrapper('-f -o')],
  ['nice', wrapper('-n --adjustment')],
  ['ionice', wrapper('-c -n --class --classdata')],
  ['chrt', wrapper('-T -P -D', 1)],
  ['taskset', wrapper('', 1)],
  ['stdbuf', wrapper('-i -o -e')],
  ['env', wrapper('-u -C --unset --chdir')],
  ['timeout', wrapper('-k -s --kill-after --signal', 1)],
  ['sudo', wrapper('-u -g -h -p -C -r -t -U -D -R')],
  ['doas', wrapper('-u -C')],
  ['flock', wrapper('-w -E --timeout', 1)],
  ['systemd-run', wrapper('-p -u --unit --property --description --slice')],
  ['dbus-run-session', wrapper('--config-file')],
  ['dbus-launch', wrapper()],
  ['busybox', wrapper()],
  ['xargs', wrapper('-I -n -P -L -a -d -E -s')],
])

const helpers = new Set(': true false test [ [[ sleep cd wait disown pgrep pidof which type hash umask'.split(' '))
const settings = new Set(
  'export declare typeset local readonly unset set shopt alias echo printf exit return'.split(' '),
)
/** Variables whose file is loaded or run by every program that is started. */
export const loadingVariables: ReadonlySet<string> = new Set([
  'LD_PRELOAD',
  'LD_AUDIT',
  'BASH_ENV',
  'ENV',
  'PYTHONSTARTUP',
])
const mostNested = 8

/** What a simple command of a shell is. */
export function sortOf(words: readonly Word[], scene: Scene, nested = 0): Sort {
  const first = words.findIndex(({ raw }) => !isAssignment(raw))
  if (first === -1) return words.some((word) => loads(word, scene)) ? 'it' : words.length === 0 ? 'other' : 'setting'
  const texts = words.slice(first).map(({ text }) => text)
  const name = texts[0] ?? words[first]?.raw ?? ''
  if (settings.has(name)) return words.slice(first).some((word) => loads(word, scene)) ? 'it' : 'setting'
  if (name === 'command' && /^-[vV]$/.test(texts[1] ?? '')) return 'help'
  if (startsIt(texts, scene, nested)) return 'it'
  // Made executable just before it is started.
  if (name === 'chmod' || name === 'chattr') return lookAt(texts.at(-1) ?? '', scene) === 'it' ? 'help' : 'other'
  return helpers.has(name) ? 'help' : 'other'
}

/** True when a program with these arguments starts the bad file; `undefined` stands for what is not known. */
export function startsIt(texts: Texts, scene: Scene, nested = 0): boolean {
  const [program, ...args] = texts
  if (program === undefined || program === '' || nested > mostNested) return false
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (program.includes('/') && lookAt(program, scene) === 'it') return true
  if (name === '.' || name === 'source') return lookAt(args[0] ?? '', scene) === 'it'
  if (name === 'start-stop-daemon') return startsAsDaemon(args, scene)
  if (name === 'su' || name === 'runuser')
    return runsText(afterOption(args, /^(-c|--command|--session-command)$/), scene, nested)
  const wrapped = wrappers.get(name)
  if (wrapped !== undefined) return startsIt(commandIn(args, wrapped), scene, nested + 1)
  const interpreter = interpreterOf(program)
  if (interpreter === undefined) return false
  const script = textOfShell(name, args)
  if (script !== undefined) return runsText(script, scene, nested)
  return runsAsScript(
    interpreter,
    args.map((arg) => arg ?? ''),
    (arg) => (arg === '' ? 'no-file' : lookAt(arg, scene)),
  )
}

/** True when every command in a shell's text that does something starts the bad file, and there is one. */
function runsText(text: string | undefined, scene: Scene, nested: number): boolean {
  if (text === undefined || nested >= mostNested) return false
  let { folder } = scene
  const sorts = readShell(text, scene.homes).commands.map(({ words }) => {
    const here = { ...scene, folder }
    folder = folderAfter(words, here)
    return sortOf(words, here, nested + 1)
  })
  return sorts.includes('it') && !sorts.includes('other')
}

/** The folder after a command: `cd` changes it, and what cannot be told leaves it unknown. */
export function folderAfter(words: readonly Word[], scene: Scene): string | undefined {
  if (words[0]?.text !== 'cd') return scene.folder
  const target = words.length === 1 ? scene.homes.home : words[words.length - 1]?.text
  return target === undefined ? undefined : absolute(target, scene.folder)
}

function lookAt(path: string, { aim, folder }: Scene) {
  const full = absolute(path, folder)
  return full === undefined ? 'no-file' : aim.look(full)
}

function absolute(path: string, folder: string | undefined): string | undefined {
  if (path === '') return undefined
  if (path.startsWith('/')) return path
  return folder === undefined ? undefined : `${folder}/${path}`
}

const isAssignment = (raw: string): boolean => /^[A-Za-z_]\w*\+?=/.test(raw)

/** `LD_PRELOAD=FILE` and the like; every file of the list has to be the bad one. */
function loads({ raw, text }: Word, scene: Scene): boolean {
  const name = /^(\w+)=/.exec(raw)?.[1] ?? ''
  if (!loadingVariables.has(name) || text === undefined) return false
  const files = text
    .slice(name.length + 1)
    .split(/[: ]/)
    .filter(Boolean)
  return files.length > 0 && files.every((file) => lookAt(file, scene) === 'it')
}

/** The command that a wrapper starts: after its options, assignments and own arguments. */
function commandIn(args: Texts, { values, skips }: Wrapper): Texts {
  let at = 0
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      at += 1
      break
    }
    if (values.has(arg)) at += 1
    else if (!arg.startsWith('-') && !isAssignment(arg)) break
  }
  return args.slice(at + skips)
}

/** What stands after a shell's `-c`; undefined: it runs a file. */
function textOfShell(name: string, args: Texts): string | undefined {
  if (!/sh$/.test(name) || name === 'pwsh') return undefined
  const at = args.findIndex((arg) => arg === undefined || !/^[-+]/.test(arg) || /^-[a-z]*c/i.test(arg))
  return /^-[a-z]*c/i.test(args[at] ?? '') ? args[at + 1] : undefined
}

function afterOption(args: Texts, option: RegExp): string | undefined {
  const at = args.findIndex((arg) => option.test(arg ?? ''))
  return at === -1 ? undefined : args[at + 1]
}

function startsAsDaemon(args: Texts, scene: Scene): boolean {
  const program = afterOption(args, /^(-a|--startas)$/) ?? afterOption(args, /^(-x|--exec)$/)
  return program !== undefined && lookAt(program, scene) === 'it'
}
