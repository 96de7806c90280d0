import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import { found, infectedMarker, Lab, sha256 } from '../../detect/testing/lab.ts'
import { createScanner } from '../../scanner.ts'
import { type LoadedDatabases, type LoadOptions, loadDatabases } from '../databases.ts'
import { systemDatabasesFolder } from './system-databases.ts'
import { makeContainer, makeKeys, type SigningKeys } from './testing/containers.ts'
import { digestOf, makeHolder, signDigest, signText } from './testing/detached.ts'

const lab = new Lab()
afterAll(() => lab.dispose())
let keys: SigningKeys
beforeAll(() => {
  keys = makeKeys()
})
const digest = sha256(infectedMarker)
const patternHex = Buffer.from('ClamAV pattern').toString('hex')

function folder(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const dir = join(lab.dir, name)
  mkdirSync(dir)
  for (const [file, content] of Object.entries(files)) writeFileSync(join(dir, file), content)
  return dir
}

function load(dir: string, more: Partial<LoadOptions> = {}): Promise<LoadedDatabases> {
  return loadDatabases(dir, { source: 'folder', containerKeys: keys.public, ...more })
}

async function threats(databases: LoadedDatabases, content: Buffer): Promise<string[]> {
  const scanner = await createScanner(databases, {})
  try {
    return found(await scanner.scanFile(lab.file(`content-${sha256(content).slice(0, 8)}`, content)))
  } finally {
    scanner.dispose()
  }
}

describe('a database container in the folder', () => {
  it.each(['cvd', 'cld', 'cud'] as const)('of kind %s is used as if its files lay there (44)', async (kind) => {
    const files = {
      'main.hsb': `${digest}:*:Hash.Found\n${'b'.repeat(64)}:1:Other\n`,
      'main.ndb': `Pattern.Found:0:*:${patternHex}\nPattern.Ignored:0:*:${patternHex}\n`,
      'main.ldu': `PUA.Found;Engine:51-255,Target:0;0&1;${patternHex};${patternHex}::i\n`,
      'main.yar': 'rule Yara_Found { meta: verdict = "infected" strings: $a = "ClamAV pattern" condition: $a }',
      'main.ign2': 'Pattern.Ignored\n',
      'main.fp': `${'c'.repeat(32)}:1:Weak\n${'d'.repeat(32)}:1:Weak\n`,
      'main.sfp': `${'e'.repeat(64)}:1:Good\n`,
    }
    const databases = await load(folder(kind, { [`main.${kind}`]: makeContainer(kind, files, keys) }))
    expect(databases.info).toMatchObject({ hashSignatures: 2, rules: 3 })
    expect(databases.info.rejected).toEqual([
      { file: `main.${kind}/main.fp`, line: 0, problem: '2 lines: trust needs SHA-256' },
    ])
    expect(databases.info.releasedAt).toBe('2026-11-22T09:30:00.000Z')
    expect(databases.trusted.rows).toBe(1)
    expect(await threats(databases, infectedMarker)).toEqual(['Hash.Found'])
    const texts = await threats(databases, Buffer.from('a ClamAV pattern in a text'))
    expect(texts.sort()).toEqual(['PUA.Found', 'Pattern.Found', 'Yara_Found'])
  })

  it('tells unwanted software from malware by its files', async () => {
    const files = { 'daily.hsu': `${digest}:*:Win.Tool-1\n` }
    const databases = await load(folder('unwanted', { 'daily.cvd': makeContainer('cvd', files, keys) }))
    const scanner = await createScanner(databases)
    const { findings } = await scanner.scanBuffer(infectedMarker, 'x')
    scanner.dispose()
    expect(findings).toMatchObject([{ threat: 'Win.Tool-1', verdict: 'risky' }])
  })

  it('that was changed is refused, and the rest is used (44)', async () => {
    const changed = makeContainer('cvd', { 'main.hsb': `${digest}:*:Hash.Found\n` }, keys)
    changed[600] = (changed[600] ?? 0) ^ 1
    const { info, hashes } = await load(folder('changed', { 'main.cvd': changed, 'x.hsb': `${'a'.repeat(64)}:*:N\n` }))
    expect(info.rejected).toEqual([
      { file: 'main.cvd', line: 0, problem: 'refused: its content does not fit its header' },
    ])
    expect(hashes.sha256.rows).toBe(1)
    expect(DatabasesInfo.parse(info)).toEqual(info)
  })

  it('that only somebody else signed is refused', async () => {
    const foreign = makeContainer('cvd', { 'main.hsb': `${digest}:*:Hash.Found\n` }, keys)
    const dir = folder('foreign', { 'main.cvd': foreign, 'x.hsb': `${'a'.repeat(64)}:*:N\n` })
    const { info } = await loadDatabases(dir, { source: 'folder' })
    expect(info.rejected).toEqual([{ file: 'main.cvd', line: 0, problem: 'refused: its signature is wrong' }])
  })

  it('says what of it is not read, in one line', async () => {
    const files = {
      'main.hsb': `${digest}:*:Hash.Found\n`,
      'one.cbc': 'ClamBC\na\nb\n',
      'two.cbc': 'ClamBC\na\nb\n',
      'main.cdb': 'a\nb\nc\n',
      'main.cfg': 'x\n',
      'main.new': 'x',
    }
    const { info } = await load(folder('unread', { 'main.cvd': makeContainer('cvd', files, keys) }))
    expect(info.rejected).toEqual([
      {
        file: 'main.cvd',
        line: 0,
        problem: '2 bytecode, 3 container metadata, 1 .new signatures of kinds that are left to ClamAV',
      },
    ])
  })

  it('counts once where an older and a newer one are left', async () => {
    const of = (kind: 'cvd' | 'cld', version: number): Buffer => {
      return makeContainer(kind, { 'daily.hsb': `${digest}:*:Version.${version}\n` }, keys, { version })
    }
    const newer = await load(folder('both', { 'daily.cvd': of('cvd', 8), 'daily.cld': of('cld', 9) }))
    expect(newer.info.rejected).toEqual([{ file: 'daily.cvd', line: 0, problem: 'not used: daily.cld is newer' }])
    expect(await threats(newer, infectedMarker)).toEqual(['Version.9'])
    const same = await load(folder('same', { 'daily.cvd': of('cvd', 9), 'daily.cld': of('cld', 9) }))
    expect(same.info.hashSignatures).toBe(1)
    const unsigned = makeContainer('cud', { 'daily.hsb': `${digest}:*:Unsigned\n` }, keys, { version: 99 })
    const besides = await load(folder('unsigned', { 'daily.cvd': of('cvd', 8), 'daily.cud': unsigned }))
    expect(besides.info.rejected).toEqual([])
    const damaged = await load(
      folder('damaged', { 'daily.cvd': of('cvd', 8), 'daily.cld': of('cld', 9).subarray(0, 900) }),
    )
    expect(await threats(damaged, infectedMarker)).toEqual(['Version.8'])
  })

  it('says when a detached signature beside it was not checked', async () => {
    const dir = folder('detached', {
      'main.cvd': makeContainer('cvd', { 'main.hsb': `${digest}:*:Hash.Found\n` }, keys, { version: 62 }),
      'main-62.cvd.sign': '#clamsign-1.0\n',
      'main-61.cvd.sign': '#clamsign-1.0\n',
    })
    const { info } = await load(dir)
    expect(info.rejected.map(({ problem }) => problem)).toEqual([
      'its detached signature was not checked, the ones inside were',
    ])
  })

  it('is believed by its detached signature, and refused by a wrong one (44)', async () => {
    const root = makeHolder('Root', { isAuthority: true })
    const signer = makeHolder('Signer', { issuer: root })
    const main = makeContainer('cvd', { 'main.hsb': `${digest}:*:Hash.Found\n` }, keys, { version: 62 })
    const containerKeys = { ...keys.public, roots: () => [root.certificate] }
    const good = signText(signDigest(digestOf(main), signer))
    const wrong = signText(signDigest(digestOf(main.subarray(1)), signer))
    const signed = await load(folder('signed', { 'main.cvd': main, 'main-62.cvd.sign': good }), { containerKeys })
    expect([signed.info.hashSignatures, signed.info.rejected]).toEqual([1, []])
    const files = { 'main.cvd': main, 'main-62.cvd.sign': wrong, 'x.hsb': `${'a'.repeat(64)}:*:N\n` }
    const { info } = await load(folder('signed-wrong', files), { containerKeys })
    expect(info.hashSignatures).toBe(1)
    expect(info.rejected).toEqual([
      { file: 'main.cvd', line: 0, problem: 'refused: its detached signature is refused: it is of another content' },
    ])
  })

  it('that is large leaves nothing in the folder for temporary content', async () => {
    const rows = Array.from({ length: 250_000 }, (_, row) => `${row.toString(16).padStart(64, '0')}:${row + 1}:Name\n`)
    const spoolDir = join(lab.dir, 'spool')
    const files = { 'main.hsb': rows.join('') }
    const { info, hashes } = await load(folder('large', { 'main.cvd': makeContainer('cvd', files, keys) }), {
      rulesCacheDir: spoolDir,
    })
    expect([info.hashSignatures, hashes.sha256.rows]).toEqual([250_000, 250_000])
    expect(readdirSync(spoolDir)).toEqual([])
  })
})

describe('pattern signatures in the folder', () => {
  it('say for each file how many were left out and why', async () => {
    const lines = [`A:0:*:${patternHex}`, `B:3:*:${patternHex}`, `C:3:*:${patternHex}`, `D:0:VI:${patternHex}`]
    const { info } = await load(folder('patterns', { 'x.ndb': lines.join('\n') }))
    expect(info.rules).toBe(1)
    expect(info.rejected).toEqual([
      { file: 'x.ndb', line: 0, problem: '2 signatures: target 3' },
      { file: 'x.ndb', line: 0, problem: '1 signature: offset type' },
    ])
  })

  it('are excluded by their name and their line', async () => {
    const { createHash } = await import('node:crypto')
    const line = `Name:0:*:${patternHex}`
    const ignored = createHash('md5').update(line).digest('hex')
    const { info } = await load(
      folder('excluded', {
        'x.ndb': `${line}\nName:0:3:${patternHex}\nOther:0:*:${patternHex}\n`,
        'x.ign2': `Name:${ignored}\nOther\n`,
      }),
    )
    expect([info.rules, info.rejected]).toEqual([1, []])
  })
})

describe("ClamAV's own databases on this computer", () => {
  const own = (): string => folder(`own-${readdirSync(lab.dir).length}`, { 'a.hsb': `${'a'.repeat(64)}:*:Own\n` })

  it('are used besides ours', async () => {
    const system = folder('system', {
      'main.cvd': makeContainer('cvd', { 'main.hsb': `${digest}:*:Hash.Found\n` }, keys),
      'databases.json': '{"releasedAt":"1999-01-01T00:00:00.000Z"}',
    })
    const { info } = await load(own(), { ifReadable: [system] })
    expect([info.hashSignatures, info.rejected]).toEqual([2, []])
    expect(info.releasedAt > '2026').toBe(true)
  })

  it('that are missing, empty or not for us are told and stop nothing', async () => {
    const missing = join(lab.dir, 'missing')
    const empty = folder('empty', {})
    const { info } = await load(own(), { ifReadable: [missing, empty] })
    expect(info.hashSignatures).toBe(1)
    expect(info.rejected).toEqual([
      { file: missing.slice(0, 256), line: 0, problem: 'cannot be read, or is not there' },
      { file: empty.slice(0, 256), line: 0, problem: 'holds no databases' },
    ])
  })

  it('of which one file is not for us are used without it', async () => {
    const system = folder('private', { 'x.hsb': `${digest}:*:X\n`, 'y.hsb': `${digest}:*:Y\n` })
    const databases = own()
    chmodSync(join(system, 'x.hsb'), 0)
    chmodSync(lab.dir, 0o755)
    const { info } = await withoutRoot(() => load(databases, { ifReadable: [system] }))
    expect(info.hashSignatures).toBe(2)
    expect(info.rejected).toEqual([{ file: 'x.hsb', line: 0, problem: 'cannot be read' }])
  })

  it('lie where their configuration says', () => {
    const write = (name: string, text: string): string => lab.file(name, text).toString()
    const first = write('a.conf', '# DatabaseDirectory /wrong\nDatabaseOwner x\nDatabaseDirectory relative\n')
    const second = write('b.conf', 'LogVerbose no\n  DatabaseDirectory   /srv/clamav\n')
    const third = write('c.conf', 'DatabaseDirectory "/srv/with blank"\n')
    expect(systemDatabasesFolder([join(lab.dir, 'none.conf'), first, second, third])).toBe('/srv/clamav')
    expect(systemDatabasesFolder([third])).toBe('/srv/with blank')
    expect(systemDatabasesFolder([first])).toBe('/var/lib/clamav')
  })
})

/** Root may read everything: as root, this is done with the rights of "nobody". */
async function withoutRoot<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await act()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
