import { chmodSync, linkSync, lstatSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { createLab, infectedContent, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { makeZip } from '../testing/zip-fixture.ts'
import { readZipDirectory } from './zip-directory.ts'

const labs: Lab[] = []
function lab(options: LabOptions = {}): Lab {
  const made = createLab(options)
  labs.push(made)
  return made
}
afterEach(() => {
  for (const made of labs.splice(0)) made.remove()
})

const zipInfo = { format: 'zip', leaves: 3 }
const good = (name: string) => ({ name, content: Buffer.from(`${name} is good. `.repeat(50)) })
const bad = (name: string) => ({ name, content: infectedContent(), stored: true })

describe('disinfecting a container', () => {
  it('takes one bad member out and keeps the others byte for byte, with mode and times (48, 50)', async () => {
    const made = lab()
    const zip = makeZip([good('a'), bad('evil.exe'), good('c')])
    const file = made.write('mixed.zip', zip.bytes)
    chmodSync(file, 0o640)
    utimesSync(file, 1_600_000_000, 1_600_000_001)
    const outcome = await made.treater.treat(
      await made.order(file, { verb: 'disinfect', members: [['evil.exe']], container: zipInfo }),
    )
    expect(outcome).toMatchObject({ status: 'disinfected' })
    const after = readFileSync(file)
    const { members } = readZipDirectory(after)
    expect(members.map((member) => member.rawName.toString())).toEqual(['a', 'c'])
    for (const member of members)
      expect(after.subarray(member.start, member.end)).toEqual(zip.records.get(member.rawName.toString()))
    expect(statSync(file)).toMatchObject({ mode: 0o100640, mtimeMs: 1_600_000_001_000 })
    expect((await made.copyOf(made.vault.list()[0]?.id ?? '')).equals(zip.bytes)).toBe(true)
    expect(readdirSync(made.files)).toEqual(['mixed.zip'])
  })

  it('goes on to delete when the cured file still matches (51)', async () => {
    const made = lab()
    const zip = makeZip([good('a'), bad('evil.exe'), bad('missed')])
    const file = made.write('mixed.zip', zip.bytes)
    const outcome = await made.treater.treat(
      await made.order(file, { verb: 'disinfect', members: [['evil.exe']], container: zipInfo }),
    )
    expect(outcome).toMatchObject({ status: 'deleted' })
    expect(readdirSync(made.files)).toEqual([])
    expect(made.vault.list()).toHaveLength(1)
  })

  it('keeps what it cannot cure when nobody asked, and deletes it when a person did (50)', async () => {
    const made = lab()
    const signed = made.write('s.jar', makeZip([good('META-INF/A.SF'), bad('E.class')]).bytes)
    const seven = made.write('a.7z', infectedContent())
    const linked = made.write('l.zip', makeZip([good('a'), bad('x')]).bytes)
    linkSync(linked, join(made.files, 'other-name'))
    const many = made.write('many.zip', makeZip([good('a'), bad('x')]).bytes)
    const orders = [
      await made.order(signed, { members: [['E.class']], container: { ...zipInfo, format: 'jar' } }),
      await made.order(seven, { members: [['evil']], container: { ...zipInfo, format: '7z' } }),
      await made.order(linked, { members: [['x']], container: zipInfo }),
      await made.order(many, { members: [['x']], container: zipInfo, findingsComplete: false }),
    ]
    for (const order of orders) {
      for (const verb of ['cure-only', 'disinfect', 'delete-malware'] as const)
        expect(await made.treater.treat({ ...order, verb })).toEqual({ status: 'kept', code: 'cannot-disinfect' })
    }
    expect(readdirSync(made.files)).toHaveLength(5)
    expect(made.vault.list()).toEqual([])
    // What was kept may be ordered again.
    for (const order of orders)
      expect(await made.treater.treat({ ...order, verb: 'disinfect-or-delete' })).toMatchObject({ status: 'deleted' })
    expect(readdirSync(made.files)).toEqual(['other-name'])
  })

  it('deletes what is malware as a whole, unless it was only to be cured (50)', async () => {
    const made = lab()
    const cases: [string, string[][]][] = [
      ['tar', [['x'], ['y', 'z']]],
      ['zip', [['x'], ['y']]],
      ['zip', [['x'], []]],
    ]
    for (const [format, members] of cases) {
      for (const verb of ['disinfect', 'delete-malware', 'disinfect-or-delete'] as const) {
        const order = await made.order(made.write('f', makeZip([bad('x'), bad('y')]).bytes), {
          members,
          container: { format, leaves: 2 },
        })
        expect(await made.treater.treat({ ...order, verb: 'cure-only' })).toMatchObject({ status: 'kept' })
        expect(await made.treater.treat({ ...order, verb })).toMatchObject({ status: 'deleted' })
      }
    }
  })

  it('takes no namesake of a bad member along, and forgets none', async () => {
    const made = lab()
    const twins = made.write('twins.zip', makeZip([good('a'), bad('a'), good('c')]).bytes)
    const lost = made.write('lost.zip', makeZip([good('a'), bad('b'), bad('c')]).bytes)
    const orders = [
      await made.order(twins, { verb: 'disinfect', members: [['a']], container: zipInfo }),
      await made.order(lost, { verb: 'disinfect', members: [['b'], ['unknown']], container: zipInfo }),
    ]
    for (const order of orders) expect(await made.treater.treat(order)).toMatchObject({ status: 'kept' })
  })

  it('leaves a file that still matches when it was only to be cured, and one that nobody can look at again', async () => {
    const zip = makeZip([good('a'), bad('evil.exe'), bad('missed')])
    const change = { members: [['evil.exe']], container: zipInfo }
    const made = lab()
    const order = await made.order(made.write('m.zip', zip.bytes), { ...change, verb: 'cure-only' })
    expect(await made.treater.treat(order)).toMatchObject({ status: 'kept' })
    const blind = lab({ rescan: () => Promise.resolve(null) })
    const other = await blind.order(blind.write('m.zip', zip.bytes), { ...change, verb: 'disinfect' })
    expect(await blind.treater.treat(other)).toMatchObject({ status: 'kept' })
    for (const one of [made, blind]) {
      expect(readdirSync(one.files)).toEqual(['m.zip'])
      expect(one.vault.list()).toEqual([])
    }
  })

  it('undoes a cure that cannot be written, and leaves no temp file', async () => {
    const rescan = (): never => {
      throw new ProductError('engine-crash')
    }
    const made = lab({ rescan })
    const zip = makeZip([good('a'), bad('evil.exe'), good('c')])
    const file = made.write('mixed.zip', zip.bytes)
    const outcome = await made.treater.treat(
      await made.order(file, { verb: 'disinfect', members: [['evil.exe']], container: zipInfo }),
    )
    expect(outcome).toEqual({ status: 'failed', code: 'engine-crash' })
    expect(readFileSync(file).equals(zip.bytes)).toBe(true)
    expect(readdirSync(made.files)).toEqual(['mixed.zip'])
    expect(made.vault.list()).toEqual([])
  })

  it('keeps a file that took the name while the cured one was to be placed', async () => {
    let take = (): void => undefined
    const made = lab({ ports: { onStep: (step) => (step === 'verified' ? take() : undefined) } })
    const file = made.write('mixed.zip', makeZip([good('a'), bad('evil.exe')]).bytes)
    const order = await made.order(file, { verb: 'disinfect', members: [['evil.exe']], container: zipInfo })
    take = () => writeFileSync(file, 'new content of somebody')
    expect(await made.treater.treat(order)).toMatchObject({ status: 'deleted' })
    expect(readFileSync(file, 'utf8')).toBe('new content of somebody')
    expect(readdirSync(made.files)).toEqual(['mixed.zip'])
    expect(lstatSync(file).isFile()).toBe(true)
  })
})
