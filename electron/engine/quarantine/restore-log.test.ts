// A restore in a process of its own that is killed after every change it makes, and in the middle of every write: the place has
// what it had or what was restored, nothing of ours is left in the person's folder, and the copy stays.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { Change } from '../treat/testing/kill-points.ts'
import { infectedContent, type OrderChange } from '../treat/testing/treatment-lab.ts'
import { makeZip } from '../treat/testing/zip-fixture.ts'
import { openRestoreLog } from './restore-log.ts'
import { type QuarantineLab, quarantineLab } from './testing/quarantine-lab.ts'

const program = resolve('out/tests/quarantine/killed-restore.mjs')

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/killed-restore.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})

const labs: QuarantineLab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

interface Scenario {
  readonly name: string
  readonly content: () => Buffer
  readonly change: OrderChange
}

const scenarios: readonly Scenario[] = [
  { name: 'a deleted file', content: () => infectedContent(100_000), change: {} },
  {
    name: 'a disinfected file, whose cured one goes',
    content: () =>
      makeZip([
        { name: 'good', content: Buffer.from('good') },
        { name: 'evil', content: infectedContent(), stored: true },
      ]).bytes,
    change: { verb: 'disinfect', members: [['evil']], container: { format: 'zip', leaves: 2 } },
  },
]

async function prepared({ content, change }: Scenario) {
  const made = quarantineLab()
  labs.push(made)
  const original = content()
  const file = made.lab.write('object', original)
  const { id } = await made.treated(file, change)
  const before = contentOf(file)
  made.quarantine.close()
  return { made, file, id, original, before }
}

function contentOf(file: string): Buffer | null {
  return readdirSync(join(file, '..')).includes('object') ? readFileSync(file) : null
}

function restoreInChild(root: string, id: QuarantineId, { at, half }: { at: number; half: boolean }) {
  return new Promise<{ signal: NodeJS.Signals | null; out: string }>((done, failed) => {
    const child = spawn(process.execPath, [program, root, id, `${at}`, half ? 'half' : 'whole'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (data) => {
      out += String(data)
    })
    child.once('error', failed)
    child.once('close', (code, signal) =>
      signal === null && code !== 0 ? failed(new Error(`${code}`)) : done({ signal, out }),
    )
  })
}

describe.each(scenarios)('killed while it restores $name', (scenario) => {
  it('leaves the place as it was or restored, and nothing of ours, at every change', async () => {
    const whole = await prepared(scenario)
    const lived = await restoreInChild(whole.made.lab.root, whole.id, { at: 0, half: false })
    const changes: Change[] = JSON.parse(lived.out)
    expect(contentOf(whole.file)?.equals(whole.original)).toBe(true)
    expect(changes.length).toBeGreaterThan(8)
    const points = changes.flatMap(({ divisible, call }, index) =>
      (divisible ? [false, true] : [false]).map((half) => ({ at: index + 1, half, call })),
    )
    const ends = new Set<string>()
    const tryOne = async (point: { at: number; half: boolean; call: string }): Promise<void> => {
      const run = await prepared(scenario)
      const place = `${point.half ? 'in' : 'after'} change ${point.at} (${point.call})`
      const { signal } = await restoreInChild(run.made.lab.root, run.id, point)
      expect(signal, place).toBe('SIGKILL')
      const next = run.made.again()
      labs.push(next)
      await next.quarantine.recover()
      expect(
        readdirSync(next.lab.files).filter((name) => name !== 'object'),
        place,
      ).toEqual([])
      const now = contentOf(run.file)
      const isRestored = now?.equals(run.original) ?? false
      if (!isRestored) expect(now, place).toEqual(run.before)
      ends.add(isRestored ? 'restored' : 'as before')
      if (!isRestored) await next.restore(run.id)
      expect(contentOf(run.file)?.equals(run.original), place).toBe(true)
      expect((await next.lab.copyOf(run.id)).equals(run.original), place).toBe(true)
      await next.quarantine.recover()
      expect(readFileSync(join(next.lab.dataDir, 'restores.jsonl'), 'utf8'), place).toBe('')
    }
    const inLine = async (): Promise<void> => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) await tryOne(point)
    }
    await Promise.all([inLine(), inLine()])
    expect([...ends].sort()).toEqual(['as before', 'restored'])
  }, 180_000)
})

describe('what a crashed restore left', () => {
  const line = { id: QuarantineId.parse('00000000-0000-4000-8000-000000000000'), sha256: 'a'.repeat(64) } as const

  function begun() {
    const made = quarantineLab()
    labs.push(made)
    const folder = join(made.lab.root, 'stick')
    mkdirSync(folder)
    const temporary = '.0123456789abcdef01234567.part'
    const log = openRestoreLog(made.lab.root, () => new Date('2026-01-01T00:00:00Z'))
    log.add({ kind: 'begun', path: { text: join(folder, 'object') }, temporary, ...line })
    writeFileSync(join(folder, temporary), 'whoever wrote this')
    return { root: made.lab.root, folder, log }
  }
  const recover = async (root: string, at = '2026-01-02T00:00:00Z') => {
    const log = openRestoreLog(root, () => new Date(at))
    await log.recover()
    log.close()
    return readFileSync(join(root, 'restores.jsonl'), 'utf8')
  }

  it("never takes somebody else's file along: it gets a name beside the object", async () => {
    const { root, folder, log } = begun()
    log.add({ kind: 'swapping', temporary: '.0123456789abcdef01234567.part', replaced: 'b'.repeat(64) })
    log.close()
    expect(await recover(root)).toBe('')
    const [name = ''] = readdirSync(folder)
    expect(name).toMatch(/^object\.[0-9a-f]{8}$/)
    expect(readFileSync(join(folder, name), 'utf8')).toBe('whoever wrote this')
  })

  it('on a drive that is away is removed when it is back, and given up after a month', async () => {
    const { root, folder, log } = begun()
    log.close()
    renameSync(folder, `${folder}-away`)
    expect(await recover(root)).toContain('"begun"')
    renameSync(`${folder}-away`, folder)
    expect(await recover(root)).toBe('')
    expect(readdirSync(folder)).toEqual([])
    const other = begun()
    other.log.close()
    rmSync(other.folder, { recursive: true })
    expect(await recover(other.root, '2026-03-01T00:00:00Z')).toBe('')
  })
})
