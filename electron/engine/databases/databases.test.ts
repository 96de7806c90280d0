import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { openTable } from '../detect/hash-table.ts'
import { preferredBackend } from '../detect/pattern-backends.ts'
import { Lab } from '../detect/testing/lab.ts'
import { createScanner } from '../scanner.ts'
import { loadDatabases } from './databases.ts'

const lab = new Lab()
afterAll(() => lab.dispose())
const a = 'a'.repeat(64)

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const dir = join(lab.dir, name)
  mkdirSync(dir)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text)
  return dir
}

describe('signature files', () => {
  it('bad lines are named with file, line and problem; good ones stay', async () => {
    const { info, hashes } = await lab.databases({
      'a.hsb': `# comment\n\n${a}:10:Good\nnot a line\n${a}:x:BadSize\n${a}:1:\n${a}:1:n:1:2:3\r\n`,
      'b.ign2': 'One\nTwo:notmd5\n',
    })
    expect(info.hashSignatures).toBe(1)
    expect(openTable(hashes.sha256).find(Buffer.from(a, 'hex'), 10)).toMatchObject([{ name: 'Good' }])
    expect(info.rejected).toEqual([
      { file: 'b.ign2', line: 2, problem: 'not an MD5 digest' },
      { file: 'a.hsb', line: 4, problem: 'no MD5, SHA-1 or SHA-256 digest' },
      { file: 'a.hsb', line: 5, problem: 'size is neither a number nor *' },
      { file: 'a.hsb', line: 6, problem: 'no name, or one of more than 256 characters' },
      { file: 'a.hsb', line: 7, problem: 'too many fields' },
    ])
    expect(DatabasesInfo.parse(info)).toEqual(info)
  })

  it('one line can be ignored by its digest while others of its name stay', async () => {
    const line = `${a}:10:Name`
    const { createHash } = await import('node:crypto')
    const digest = createHash('md5').update(line).digest('hex')
    const { info } = await lab.databases({
      'a.hsb': `${line}\n${'b'.repeat(64)}:10:Name\n`,
      'a.ign2': `Name:${digest}\n`,
    })
    expect(info.hashSignatures).toBe(1)
  })

  it('a signature for another version of ClamAV is left out and counted', async () => {
    const { info } = await lab.databases({
      'a.hsb': `${a}:10:Now:73\n${'b'.repeat(64)}:10:Later:999\n${'c'.repeat(64)}:10:Old:1:50\n`,
    })
    expect(info.hashSignatures).toBe(1)
    expect(info.rejected).toEqual([{ file: 'a.hsb', line: 0, problem: '2 signatures: for another version of ClamAV' }])
  })

  it('a file that cannot be read costs itself, and is named', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'databases-'))
    writeFileSync(join(dir, 'a.hsb'), `${a}:*:N\n`)
    symlinkSync('leads-nowhere', join(dir, 'gone.hdb'))
    const { info } = await loadDatabases(dir, { source: 'folder' })
    expect(info).toMatchObject({ hashSignatures: 1, rejected: [{ file: 'gone.hdb', problem: 'cannot be read' }] })
    rmSync(dir, { recursive: true })
  })

  it('kinds that are left to ClamAV are named with their number, others are left alone', async () => {
    const { info } = await lab.databases({
      'a.hsb': `${a}:*:N\n`,
      'daily.cvd': 'ClamAV-VDB',
      'a.cbc': 'ClamBC\na\nb\n',
      'empty.pdb': '\n# nothing\n',
      'x.cdb': 'x',
      'x.wdb': 'X:a\n\n# comment\nX:b\r\n',
      'x.ZMD': 'a\nb\nc\n',
      'README.txt': 'x',
      'README.md': 'x',
    })
    expect(info.rejected.map(({ file, problem }) => `${file} ${problem}`)).toEqual([
      'daily.cvd refused: its header is damaged',
      'a.cbc 1 bytecode signature of a kind that is left to ClamAV',
      'x.ZMD 3 container metadata signatures of a kind that is left to ClamAV',
      'x.cdb 1 container metadata signature of a kind that is left to ClamAV',
      'x.wdb 2 phishing signatures of a kind that is left to ClamAV',
    ])
  })

  it.each('pdb gdb wdb cbc idb imp cdb ftm crb cat pwdb zmd rmd ign db sdb ioc'.split(' '))(
    'none of .%s is passed over in silence',
    async (extension) => {
      const { info } = await lab.databases({ 'a.hsb': `${a}:*:N\n`, [`x.${extension}`]: 'x' })
      expect(info.rejected).toEqual([
        { file: `x.${extension}`, line: 0, problem: expect.stringMatching(/^1 .* signature of a kind that is left/) },
      ])
    },
  )

  it('a list of more than 200 bad lines says how many more there are', async () => {
    const { info } = await lab.databases({ 'a.hsb': `${a}:*:N\n${'bad\n'.repeat(500)}` })
    expect(info.rejected).toHaveLength(200)
    expect(info.rejected.at(-1)?.problem).toBe('301 more')
  })
})

describe('rules', () => {
  it('a bad rule or file is left out and named, the others match', async () => {
    const databases = await lab.databases({
      'good.yar': 'rule Good { strings: $a = "xyzzy" condition: $a }',
      'mixed.yar': 'rule Bad { condition: nothing == 1 }\nrule AlsoGood { strings: $a = "xyzzy" condition: $a }',
      'broken.yar': 'rule Broken { condition:',
      'same.yara': 'rule Good { strings: $a = "plugh" condition: $a }',
    })
    expect(databases.info.rules).toBeGreaterThanOrEqual(3)
    expect(databases.info.rejected.map(({ file, line }) => `${file}:${line}`)).toEqual(['broken.yar:1', 'mixed.yar:1'])
    const { findings } = await (await createScanner(databases)).scanBuffer(Buffer.from('xyzzy'), 'x')
    expect(findings.map(({ threat }) => threat).sort()).toEqual(['AlsoGood', 'Good'])
  })

  it('a rule with a syntax error is not counted among those that match', async () => {
    const rule = (name: string, condition: string) => `rule ${name} { strings: $a = "x" condition: ${condition} }\n`
    const { info } = await lab.databases({
      'a.yar': rule('A', '$a') + rule('B', '$a and') + rule('C', '$a'),
      'b.yar': 'rule Broken {',
    })
    expect(info.rules).toBe(2)
    expect(info.rejected.map(({ file, line }) => [file, line])).toEqual([
      ['a.yar', 2],
      ['b.yar', 1],
    ])
  })

  it('an include reads no file of the machine', async () => {
    const databases = await lab.databases({ 'a.hsb': `${a}:*:N\n`, 'evil.yar': 'include "/etc/passwd"\n' })
    expect(JSON.stringify(databases.info.rejected)).not.toContain('root:')
    expect(databases.info.rejected[0]).toMatchObject({ file: 'evil.yar' })
  })

  it('a rule without a score is reported as risky, with one by its score, and may only inform', async () => {
    const rule = (name: string, meta: string) => `rule ${name} { meta: ${meta} strings: $a = "xyzzy" condition: $a }\n`
    const databases = await lab.databases({
      'a.yar':
        rule('None', 'x = 1') + rule('S75', 'score = 75') + rule('S60', 'score = 60') + rule('S40', 'score = 40'),
      'b.yar': rule('Own', 'verdict = "infected"') + rule('Info', 'verdict = "informational"'),
      'apt_x.yar': rule('Family', 'x = 1'),
      'expl_vuln_x.yar': rule('Weakness', 'score = 90'),
    })
    const { findings } = await (await createScanner(databases)).scanBuffer(Buffer.from('xyzzy'), 'x')
    expect(Object.fromEntries(findings.map(({ threat, verdict }) => [threat, verdict]))).toEqual({
      None: 'risky',
      S75: 'infected',
      S60: 'probably-infected',
      S40: 'risky',
      Own: 'infected',
      Family: 'probably-infected',
      Weakness: 'probably-infected',
    })
  })

  it('compiled rules are kept, used again, and not believed when changed or open to others', async () => {
    const dir = folder('stored', { 'a.yar': 'rule Kept { strings: $a = "xyzzy" condition: $a }' })
    const rulesCacheDir = join(lab.dir, 'cache')
    const load = () => loadDatabases(dir, { source: 'folder', rulesCacheDir })
    const first = await load()
    // Only the native backend has a compiled form to keep.
    const kept = existsSync(rulesCacheDir) ? readdirSync(rulesCacheDir) : []
    expect(kept).toHaveLength(preferredBackend() === 'native' ? 1 : 0)
    const path = join(rulesCacheDir, kept[0] ?? 'none')
    const good = kept.length === 0 ? Buffer.alloc(600) : readFileSync(path)
    mkdirSync(rulesCacheDir, { recursive: true })
    for (const harm of [
      () => {},
      () =>
        writeFileSync(
          path,
          good.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
        ),
      () => chmodSync(path, 0o666),
    ]) {
      harm()
      const again = await load()
      expect(again.info).toEqual(first.info)
      expect((await (await createScanner(again)).scanBuffer(Buffer.from('xyzzy'), 'x')).findings).toHaveLength(1)
    }
  })

  it('WebAssembly finds the same', async () => {
    const dir = folder('wasm', {
      'a.yar':
        'rule Name { condition: filename == "n.txt" }\nrule Text { meta: score = 75 strings: $a = "xyzzy" condition: $a }',
      'bad.yar': 'rule Bad { condition: nothing == 1 }',
    })
    const databases = await loadDatabases(dir, { source: 'folder', backend: 'wasm' })
    expect(databases.info).toMatchObject({ rules: 2, rejected: [{ file: 'bad.yar', line: 1 }] })
    const scanner = await createScanner(structuredClone(databases))
    expect(scanner.patternBackend).toBe('wasm')
    const report = await scanner.scanBuffer(Buffer.from('xyzzy'), 'n.txt')
    expect(report.findings.map(({ threat, verdict }) => `${threat} ${verdict}`)).toEqual([
      'Text infected',
      'Name risky',
    ])
    scanner.dispose()
  })
})

describe('a set of databases', () => {
  it('with many signatures takes little time and no more memory than its tables', async () => {
    const rows = 200_000
    const digests = randomBytes(rows * 32)
    const line = (_: unknown, row: number) =>
      `${digests.toString('hex', row * 32, row * 32 + 32)}:${row % 3 === 0 ? '*' : row}:Win.Malware.Agent-${row}-0\n`
    const dir = folder('many', { 'a.hsb': Array.from({ length: rows }, line).join('') })
    const started = process.cpuUsage()
    const { info, hashes } = await loadDatabases(dir, { source: 'folder' })
    const { user, system } = process.cpuUsage(started)
    expect(info).toMatchObject({ hashSignatures: rows, rejected: [] })
    for (const row of [0, 1, 99_999, rows - 1])
      expect(openTable(hashes.sha256).find(digests.subarray(row * 32, row * 32 + 32), row)).toMatchObject([
        { name: `Win.Malware.Agent-${row}-0` },
      ])
    // A fifth of the target for a million: 1.5 s of processor time; three times that, for a machine under load.
    expect((user + system) / 1000).toBeLessThan(900)
    const { prefixes, behind } = hashes.sha256
    if ('path' in behind) throw new Error('not in memory')
    const { digests: kept, sizes, nameStarts, names } = behind
    const used = [prefixes, kept, sizes, nameStarts, names].reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(used / rows).toBeLessThan(80)
  })

  it('goes to a thread as it is', async () => {
    const databases = await lab.databases({ 'a.hsb': `${a}:*:N\n`, 'a.yar': 'rule R { condition: filesize == 3 }' })
    const scanner = await createScanner(structuredClone(databases))
    expect((await scanner.scanBuffer(Buffer.from('abc'), 'x')).findings).toHaveLength(1)
  })

  it('has a version that changes with its content, and the date of its manifest', async () => {
    const files = { 'a.hsb': `${a}:*:N\n`, 'databases.json': '{"releasedAt":"2026-01-02T03:04:05Z"}' }
    const [one, same, other] = [
      await lab.databases(files),
      await lab.databases(files),
      await lab.databases({ 'a.hsb': `${a}:1:N\n` }),
    ]
    expect(one.info.version).toBe(same.info.version)
    expect(one.info.version).not.toBe(other.info.version)
    expect(one.info.releasedAt).toBe('2026-01-02T03:04:05Z')
  })

  it('that holds nothing, or is not there, is an error', async () => {
    await expect(lab.databases({ 'README.txt': 'x' })).rejects.toMatchObject({ code: 'databases-unusable' })
    await expect(loadDatabases('/does/not/exist', { source: 'folder' })).rejects.toMatchObject({
      code: 'databases-unusable',
    })
  })
})
