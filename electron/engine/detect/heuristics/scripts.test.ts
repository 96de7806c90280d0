import { describe, expect, it } from 'vitest'
import { ask, blob, evaluate, execute, hexes, j, php } from './testing/ask.ts'

const suspected: readonly (readonly [string, string])[] = [
  ['JavaScript: from a variable', `var d="${blob}";\n${evaluate}(atob(d));`],
  ['JavaScript: by a timer', `setTimeout(atob("${blob}"))`],
  ['JavaScript: indirectly', `(0,${evaluate})(atob("${blob}"))`],
  ['JavaScript: by a name in brackets', `window["${evaluate}"](atob("${blob}"))`],
  ['JavaScript: from a list of numbers', `${evaluate}(String.fromCharCode.apply(null,[${'104,'.repeat(80)}10]))`],
  ['JavaScript: of brackets alone', `${'[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]]'.repeat(30)}()`],
  ['Node: from a buffer', `${evaluate}(Buffer.from("${blob}","base64").toString())`],
  ['PHP: behind the end of a page', `${php}${evaluate}("?>".${j('base64_', 'decode')}("${blob}"));`],
  ['PHP: in hexadecimal', `${php}${evaluate}(hex2bin("${hexes}"));`],
  ['PHP: through variables', `${php}$x="${blob}";$y=gzinflate(${j('base64_', 'decode')}($x));${evaluate}($y);`],
  ['PHP: by the name of the decoder', `${php}$f='${j('base64_', 'decode')}';${evaluate}($f("${blob}"));`],
  ['PowerShell: the shortest option', `${j('power', 'shell')} -nop -w hidden -ec ${blob}`],
  ['PowerShell: a part of the option', `${j('power', 'shell')}.exe -NoP -NonI -W Hidden -Encod ${blob}`],
  [
    'PowerShell: packed too',
    `$s=New-Object IO.MemoryStream(,[Convert]::${j('From', 'Base64String')}("${blob}"));\n${j('IE', 'X')} (New-Object IO.StreamReader(New-Object IO.Compression.GzipStream($s,[IO.Compression.CompressionMode]::Decompress))).ReadToEnd();`,
  ],
  ['PowerShell: with ticks in words', `p${'`'}ower${'`'}shell -e${'`'}nc ${blob}`],
  [
    'PowerShell: a program in memory',
    `$b = [System.Convert]::${j('From', 'Base64String')}("${blob}")\n[System.Reflection.Assembly]::Load($b).EntryPoint.Invoke($null, @())`,
  ],
  ['cmd: with carets in words', `@echo off\r\np^o^w^e^r^s^h^e^l^l -e^n^c ${blob}\r\n`],
  [
    'VBScript: in hexadecimal',
    `x = "${hexes}"\nFor i = 1 To Len(x) Step 2\ny = y & Chr("&H" & Mid(x, i, 2))\nNext\n${j('Exec', 'uteGlobal')} y\n`,
  ],
  ['sh: evaluated', `#!/bin/sh\n${evaluate} "$(echo ${blob} | ${j('base', '64')} -d)"\n`],
  ['bash: as a command', `#!/bin/bash\nbash -c "$(${j('base', '64')} -d <<< ${blob})"\n`],
  ['sh: packed too', `#!/bin/sh\necho "${blob}" | ${j('base', '64')} --decode | gunzip | bash\n`],
  ['Python: without a line of imports', `${execute}(__import__('base64').b64decode('${blob}'))`],
  ['Python: packed too', `${execute}(__import__('zlib').decompress(__import__('base64').b64decode(b'${blob}')))`],
  [
    'Python: backwards',
    `_ = lambda __ : __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));${execute}((_)(b'${blob}'))`,
  ],
  ['Python: encrypted', `from fernet import Fernet\n${execute}(Fernet(b'abc=').decrypt(b'${blob}'))`],
  ['Python: compiled', `import base64\n${execute}(compile(base64.b64decode("${blob}"),'<string>','exec'))`],
  ['Python: from a variable', `import base64\nx = "${blob}"\n${execute}(base64.b64decode(x))`],
  ['Python: in hexadecimal', `${execute}(bytes.fromhex("${hexes}"))`],
  ['Perl', `#!/usr/bin/perl\nuse MIME::Base64;\n${evaluate}(decode_base64("${blob}"));`],
  ['Ruby', `#!/usr/bin/ruby\n${evaluate}(Base64.decode64("${blob}"))`],
]
const ordinary: readonly (readonly [string, string])[] = [
  [
    'Python that reads its settings',
    `import base64, json\nconf = json.loads(base64.b64decode("${blob}"))\nexec(open("x").read())\n`,
  ],
  ['Python with data of a test', `import base64\nDATA = base64.b64decode("${blob}")\n`],
  [
    'PowerShell with a picture',
    `$icon = [Convert]::FromBase64String("${blob}")\n[System.IO.File]::WriteAllBytes("a.ico", $icon)\nfunction x { Get-Item $_ }\n`,
  ],
  [
    'PowerShell that builds',
    `$ErrorActionPreference='Stop'\npowershell -ExecutionPolicy Bypass -File .\\build.ps1 -Encoding UTF8\n`,
  ],
  ['JavaScript for another thread', `const url = URL.createObjectURL(new Blob([atob("${blob}")]));\nnew Worker(url)`],
  [
    'JavaScript with WebAssembly',
    `const bytes = Uint8Array.from(atob("${blob}"), c => c.charCodeAt(0));\nWebAssembly.instantiate(bytes)`,
  ],
  [
    'a script with a certificate',
    `#!/bin/sh\necho "${blob}" | base64 -d > cert.der\nopenssl x509 -in cert.der\nsh ./install.sh\n`,
  ],
  [
    'a script that shows a secret',
    `#!/bin/sh\nkubectl get secret x -o jsonpath='{.data.password}' | base64 --decode | pbcopy\n`,
  ],
  [
    'PHP with a picture',
    `${php}$data = base64_decode("${blob}"); file_put_contents('a.png', $data); eval('return 1;');`,
  ],
  ['PHP with a licence', `${php}/* ${blob} */ class A { function b() { return base64_encode($this->c); } }`],
  ['VBScript that counts', `Execute "x = 1"\nFor i = 65 To 90\ns = s & Chr(i)\nNext\nMsgBox s\n`],
]

describe('scripts', () => {
  it.each(suspected)('suspected: %s', (_, content) => expect(ask(content)).toEqual(['Script.HiddenCode']))
  it.each(ordinary)('ordinary: %s', (_, content) => expect(ask(content)).toEqual([]))
})
