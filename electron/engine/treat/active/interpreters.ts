// How programs that run a script are called: which of their arguments is the script.
// Pure: what an argument points at is the caller's question.

/** What an argument turned out to be when it was looked at as a path: the file in question, another file, or no file. */
export type Looked = 'it' | 'other-file' | 'no-file'

export interface Interpreter {
  /** Options whose next argument is a value. */
  readonly values: ReadonlySet<string>
  /** Options whose next argument is the script. */
  readonly scripts: ReadonlySet<string>
  /** Options with which there is no script: the code is in the arguments or comes from elsewhere. */
  readonly none: RegExp
}

const never = /(?!)/

function row(names: RegExp, values = '', { scripts = '', none = never } = {}): readonly [RegExp, Interpreter] {
  const set = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter(Boolean))
  return [names, { values: set(values), scripts: set(scripts), none }]
}

const interpreters: readonly (readonly [RegExp, Interpreter])[] = [
  row(/^(r?ba|da|r?z|[lm]?k|ya|a|fi)?sh$/, '-o +o -O +O --rcfile --init-file --emulate', { none: /^-[a-z]*[cs]/i }),
  row(/^(python|pypy)[\d.]*$/, '-W -X --check-hash-based-pycs', { none: /^-[bBdEhiIOPqRsSuvVx]*[cm]/ }),
  row(/^perl[\d.]*$/, '-I', { none: /^-[acdflnpsStTuUvwWXi0-9]*[eE]/ }),
  row(/^(ruby|jruby)[\d.]*$/, '-I -r -C -E', { none: /^-[acdlnpsSvwy]*e/ }),
  row(/^(node|nodejs|bun)[\d.]*$/, '-r --require --import --loader --experimental-loader -C --conditions', {
    none: /^(-[a-z]*[ep]|--eval|--print)$/,
  }),
  row(/^php[\d.]*(-cgi)?$/, '-c -d -z', { scripts: '-f --file', none: /^(-[rBRES]|--run|--server)$/ }),
  row(/^(lua|luajit)[\d.]*$/, '-e -l'),
  row(/^(tclsh|wish|expect)[\d.]*$/, '-c -encoding', { scripts: '-f' }),
  row(/^[gmn]?awk$/, '-F -v', { scripts: '-f --file', none: /^[^-]/ }),
  row(/^(java|javaw)$/, '-p --module-path --add-modules --add-opens --add-exports', {
    // A class path that is this one file runs what is in it.
    scripts: '-jar -cp -classpath --class-path',
  }),
  row(/^mono(-sgen)?$/, '--config'),
  row(/^(pwsh|powershell)$/, '', { scripts: '-File -f', none: /^-(c|Command|EncodedCommand|e)$/i }),
  // The loader runs any program that it is given.
  row(/^ld(-linux.*|-musl.*|-[\d.]+)?\.so(\.\d+)*$/, '--library-path --preload --argv0 --audit --inhibit-rpath'),
]

/** The rules of a program by the last part of its path; undefined: it runs no scripts that we know of. */
export function interpreterOf(program: string): Interpreter | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1)
  return interpreters.find(([names]) => names.test(name))?.[1]
}

/** True when an interpreter that is called with these arguments (without its own name) runs the file in question. */
export function runsAsScript(
  { values, scripts, none }: Interpreter,
  args: readonly string[],
  look: (argument: string) => Looked,
): boolean {
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? ''
    if (scripts.has(argument)) return look(args[at + 1] ?? '') === 'it'
    if (none.test(argument)) return false
    if (values.has(argument)) {
      at += 1
      continue
    }
    if (/^[-+]/.test(argument)) continue
    const seen = look(argument)
    // The first file is the script, there or not; every later one is for the script. A plain word may be an option's value.
    if (seen !== 'no-file' || argument.includes('/')) return seen === 'it'
  }
  return false
}
