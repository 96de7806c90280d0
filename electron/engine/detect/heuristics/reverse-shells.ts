// Scripts that connect to another computer and hand it a shell of this one.
// Asks for all parts at once (connection, shell, and the joining of both), since each part alone is ordinary.
import { type Form, isSaid } from './forms.ts'
import { type Heuristic, type Suspect, suspicion } from './suspicion.ts'

const shellPath = String.raw`(?:\/[\w./-]{1,40}\/)?(?:ba|da|z|k)?sh\b`
const startedShell =
  /(?:spawn|exec(?:file)?)(?:sync)?\s{0,4}\(\s{0,4}['"](?:\/(?:usr\/)?bin\/(?:ba|da|z|k)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?)['"]/
const interactive = /\/bin\/(?:ba|da|z|k)?sh\s{1,4}-i\b/
const devices = String.raw`\/dev\/(?:tcp|udp)\/[^\s/]{3,255}\/[\w$\{\}]{1,40}`

const shellWays: readonly Form[] = [
  {
    needs: ['/dev/'],
    all: [new RegExp(String.raw`\b(?:ba|z|k)?sh\s{1,4}-i\s{0,4}[0-9]{0,3}(?:<>|>&|&>|>|<)\s{0,4}${devices}`)],
  },
  {
    needs: ['/dev/', 'exec'],
    all: [
      new RegExp(
        String.raw`exec\s{1,4}\d{1,3}<>\s{0,4}${devices}[^\n]{0,200}(?:\n[^\n]{0,200})?(?:\b(?:ba|z)?sh\b[^\n]{0,40}<&\d|while\s{1,4}read[^\n]{0,80}\$\w{1,20}\s{1,4}2?>)`,
      ),
    ],
  },
  {
    needs: ['nc'],
    all: [
      new RegExp(
        String.raw`(?:^|[\s;&|/])nc(?:at|\.traditional|\.openbsd)?\s[^\n]{0,120}(?:-[a-z]{0,4}[ec]|--(?:sh-)?exec)\s{1,4}["']?${shellPath}`,
      ),
    ],
  },
  {
    needs: ['sh -i'],
    all: [
      /mk(?:fifo|nod)\s/,
      /\bsh\s{1,4}-i[^\n]{0,60}\|\s{0,4}(?:busybox\s{1,4})?(?:nc|ncat|telnet|openssl\s{1,4}s_client)\b/,
    ],
  },
  {
    needs: ['socat', 'exec:'],
    all: [
      new RegExp(String.raw`\bsocat\b[^\n]{0,200}\bexec:["']?${shellPath}`),
      /\bsocat\b[^\n]{0,300}\b(?:tcp4?|tcp6|openssl|udp):[^\s,]{3,255}:[\w$]{1,40}/,
    ],
  },
  {
    needs: ['telnet'],
    all: [
      new RegExp(
        String.raw`\btelnet\s{1,4}\S{3,255}\s{1,4}\S{1,40}\s{0,4}\|\s{0,4}${shellPath}[^\n|]{0,20}\|\s{0,4}telnet\s`,
      ),
    ],
  },
  {
    needs: ['/inet/tcp/0/', 'getline', '|&'],
    all: [/\|&\s{0,4}getline\s{1,4}(\w{1,20})\b[\s\S]{0,200}?\(\s{0,4}\1\s{0,4}\|&\s{0,4}getline/],
  },
]

const codeWays: readonly Form[] = [
  {
    needs: ['.fileno', 'dup2', 'connect'],
    all: [
      /\.connect(?:_ex)?\s{0,4}\(\s{0,4}\(/,
      /dup2\s{0,4}\(\s{0,4}\w{1,40}\.fileno\s{0,4}\(\s{0,4}\)\s{0,4},\s{0,4}\w{1,20}\s{0,4}\)/,
      /['"]\/bin\/(?:ba|da|z)?sh|pty\.spawn/,
    ],
  },
  {
    needs: ['open(stdin', 'exec'],
    all: [
      /connect\s{0,4}\(/,
      /open\s{0,4}\(\s{0,4}stdin\s{0,4},\s{0,4}['"][<>]&/,
      /exec\s{0,4}[{(]?\s{0,4}['"]\/bin\/(?:ba|da|z)?sh/,
    ],
  },
  { needs: ['io::socket', 'fdopen'], all: [/stdin\s{0,4}->\s{0,4}fdopen/, /\bsystem\s{0,4}\(?\s{0,4}\$_/] },
  {
    needs: ['fsockopen'],
    all: [
      /(?:proc_open|exec|shell_exec|system|popen|passthru)\s{0,4}\(\s{0,4}['"`](?:\/bin\/)?(?:ba|da|z)?sh\b(?:\s{1,4}-i|[^\n]{0,60}\$\w{1,20}\s{0,4},)/,
    ],
  },
  { needs: ['fsockopen', 'proc_open'], all: [/proc_open\s{0,4}\(\s{0,4}\$\w{1,30}\s{0,4},/, interactive] },
  {
    needs: ['tcpsocket'],
    all: [
      /exec\s{0,4}\(?\s{0,4}(?:sprintf\s{0,4}\(\s{0,4})?['"]\/bin\/(?:ba|da|z)?sh\s{1,4}-i|(\w{1,20})\s{0,4}=\s{0,4}\w{1,20}\.gets[\s\S]{0,200}?popen\s{0,4}\(\s{0,4}\1\b/,
    ],
  },
  {
    needs: ['child_process', 'net', '.pipe('],
    all: [/\.connect\s{0,4}\(\s{0,4}\w{1,30}\s{0,4},/, /\.pipe\s{0,4}\(\s{0,4}\w{1,40}\.stdin\s{0,4}\)/, startedShell],
  },
  { needs: ['tcpclient', 'getstream'], all: [/\biex\b|invoke-expression/, /\.read\s{0,4}\(/, /\.write\s{0,4}\(/] },
  {
    needs: ['net.dial(', 'exec.command('],
    all: [
      /exec\.command\s{0,4}\(\s{0,4}"(?:\/bin\/(?:ba)?sh|cmd(?:\.exe)?|powershell)"/,
      /(\w{1,20})\s{0,4},\s{0,4}\w{1,20}\s{0,4}:?=\s{0,4}net\.dial[\s\S]{0,600}?\.stdin\s{0,4}=\s{0,4}\1\b/,
    ],
  },
  {
    needs: ['socket(', 'getoutputstream', 'getinputstream'],
    all: [
      /new\s{1,4}socket\s{0,4}\(\s{0,4}[^)\s]/,
      /(?:new\s{1,4}processbuilder|\.exec)\s{0,4}\(\s{0,4}(?:new\s{1,4}string\s{0,4}\[\s{0,4}\]\s{0,4}\{\s{0,4})?"(?:\/bin\/(?:ba)?sh|cmd(?:\.exe)?)"\s{0,4}[)}]/,
    ],
  },
]

/** One pass over the text instead of one for each way: without any of these, no way is possible. */
const any =
  /\/dev\/(?:tcp|udp)\/|mkfifo |mknod |\.fileno|open\(stdin|fdopen|fsockopen|tcpsocket|child_process|tcpclient|[ec] (?:\/\S{1,40}\/)?(?:ba|da|z)?sh\b|socat|telnet|\/inet\/tcp|net\.dial\(|socket\(/

/** Text that explains rather than does: pages, guides and manuals quote such lines. */
const explains = /^\s{0,8}(?:<!doctype|<html|#{1,6} |\.\\"|\.th )|```/m
const sources = /\.(?:py|pyw|pl|rb|js|mjs|cjs|ts|ps1|psm1|go|java|php|lua|awk|bash|sh|zsh|command)$/i
const longestQuoting = 16_384

export const reverseShell: Heuristic = (suspect) => {
  const { text } = suspect
  if (!any.test(text)) return null
  if (![...shellWays, ...codeWays].some((way) => isSaid(way, text, suspect)) || isQuoted(suspect)) return null
  return suspicion({
    threat: 'Script.ReverseShell',
    verdict: 'probably-infected',
    because: 'A script that connects to another computer and gives it a shell of this one.',
  })
}

function isQuoted({ subject, text }: Suspect): boolean {
  if (subject.format === 'script' || text.includes('<?php')) return false
  // A source file is long because of other code and has comments; another text tells about many things.
  return !sources.test(subject.name) && (subject.bytes.length > longestQuoting || explains.test(text))
}
