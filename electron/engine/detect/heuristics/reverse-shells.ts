// Scripts that connect to another computer and hand it a shell of this one.
// Asks for all parts at once (connection, shell, and the joining of both), since each part alone is ordinary.
import { type Heuristic, type Suspect, suspicion } from './suspicion.ts'

interface Way {
  /** No expression is tried before all of these are in the text. The first is long and rare, which makes it cheap. */
  readonly needs: readonly string[]
  readonly all: readonly RegExp[]
}

const shell = /['"](?:\/(?:usr\/)?bin\/(?:ba|da|z|k)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?)\b/
const ways: readonly Way[] = [
  {
    needs: ['/dev/tcp/'],
    all: [/\b(?:ba|z|k)?sh\s{1,4}-i\s{0,4}[0-9]?(?:>&|&>|>|<)\s{0,4}\/dev\/tcp\/[\w.:-]{3,255}\/\d{1,5}/],
  },
  {
    needs: ['/dev/udp/'],
    all: [/\b(?:ba|z|k)?sh\s{1,4}-i\s{0,4}[0-9]?(?:>&|&>|>|<)\s{0,4}\/dev\/udp\/[\w.:-]{3,255}\/\d{1,5}/],
  },
  {
    needs: ['/dev/tcp/', 'exec'],
    all: [/exec\s{1,4}\d{1,3}<>\s{0,4}\/dev\/tcp\/[^\n]{3,400}(?:\n[^\n]{0,200})?\b(?:ba|z)?sh\b[^\n]{0,40}<&\d/],
  },
  {
    needs: ['e /bin/', 'nc'],
    all: [/(?:^|[\s;&|/])nc(?:at|\.traditional)?\s[^\n]{0,120}-[a-z]{0,4}[ec]\s{1,4}\/bin\/(?:ba|da|z)?sh\b/],
  },
  {
    needs: ['c /bin/', 'nc'],
    all: [/(?:^|[\s;&|/])nc(?:at|\.traditional)?\s[^\n]{0,120}-[a-z]{0,4}[ec]\s{1,4}\/bin\/(?:ba|da|z)?sh\b/],
  },
  {
    needs: ['mkfifo ', 'nc'],
    all: [/mkfifo\s[^\n]{1,120}[;&\n][^\n]{0,120}\|\s{0,4}(?:\/bin\/)?(?:ba|da|z)?sh\s{1,4}-i[^\n]{0,40}\|\s{0,4}nc/],
  },
  {
    needs: ['.fileno', 'dup2', 'connect'],
    all: [
      /\.connect\s{0,4}\(\s{0,4}\(/,
      /dup2\s{0,4}\(\s{0,4}\w{1,40}\.fileno\s{0,4}\(\s{0,4}\)\s{0,4},\s{0,4}[012]/,
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
  {
    needs: ['fsockopen'],
    all: [
      /(?:proc_open|exec|shell_exec|system|popen|passthru)\s{0,4}\(\s{0,4}['"`](?:\/bin\/)?(?:ba|da|z)?sh\s{1,4}-i/,
    ],
  },
  {
    needs: ['tcpsocket', 'exec'],
    all: [/exec\s{0,4}\(?\s{0,4}(?:sprintf\s{0,4}\(\s{0,4})?['"]\/bin\/(?:ba|da|z)?sh\s{1,4}-i/],
  },
  {
    needs: ['child_process', 'net', '.pipe('],
    all: [/\.connect\s{0,4}\(\s{0,4}\d{1,5}\s{0,4},/, /\.pipe\s{0,4}\(\s{0,4}\w{1,40}\.stdin\s{0,4}\)/, shell],
  },
  {
    needs: ['tcpclient', 'getstream'],
    all: [/\biex\b|invoke-expression/, /\.read\s{0,4}\(/, /\.write\s{0,4}\(/],
  },
]

/** One pass over the text instead of one for each way: without any of these, no way is possible. */
const any = /\/dev\/(?:tcp|udp)\/|mkfifo |\.fileno|open\(stdin|fsockopen|tcpsocket|child_process|tcpclient|[ec] \/bin\//

/** Text that explains rather than does: pages, guides and manuals quote such lines. */
const explains = /^\s{0,8}(?:<!doctype|<html|#{1,6} |\.\\"|\.th )|```/m

export const reverseShell: Heuristic = (suspect) => {
  const { text } = suspect
  if (!any.test(text) || !ways.some((way) => isWay(way, text))) return null
  if (suspect.subject.format !== 'script' && !text.includes('<?php') && isQuoted(suspect)) return null
  return suspicion({
    threat: 'Script.ReverseShell',
    verdict: 'probably-infected',
    because: 'A script that connects to another computer and gives it a shell of this one.',
  })
}

function isWay({ needs, all }: Way, text: string): boolean {
  return needs.every((need) => text.includes(need)) && all.every((part) => part.test(text))
}

function isQuoted({ subject, text }: Suspect): boolean {
  return subject.bytes.length > 16_384 || explains.test(text)
}
