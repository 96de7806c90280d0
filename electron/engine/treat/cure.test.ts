import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions } from './testing/treatment-lab.ts'
import { makeZip } from './testing/zip-fixture.ts'
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

const zipInfo = { format: 'zip', members: 3, infectedMembers: 1 }
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

  it('deletes the whole of a signed archive, of one with bad members only, and of a file that is bad itself (50)', async () => {
    const made = lab()
    const signed = made.write('s.jar', makeZip([good('META-INF/A.SF'), bad('E.class')]).bytes)
    const all = made.write('all.zip', makeZip([bad('x'), bad('y')]).bytes)
    const itself = made.write('self.zip', makeZip([good('a'), bad('x')]).bytes)
    const verb = 'disinfect'
    const orders = [
      await made.order(signed, { verb, members: [['E.class']], container: { ...zipInfo, format: 'jar' } }),
      await made.order(all, { verb, members: [['x'], ['y', 'nested']], container: zipInfo }),
      await made.order(itself, { verb, members: [['x'], []], container: zipInfo }),
    ]
    for (const order of orders) expect(await made.treater.treat(order)).toMatchObject({ status: 'deleted' })
    expect(readdirSync(made.files)).toEqual([])
  })

  it('leaves other containers with good members untouched, and deletes those without (50)', async () => {
    const made = lab()
    const file = made.write('a.7z', infectedContent())
    const container = { format: '7z', members: 3, infectedMembers: 1 }
    const order = await made.order(file, { verb: 'disinfect', members: [['evil']], container })
    expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'cannot-disinfect' })
    expect(exists(file)).toBe(true)
    expect(made.vault.list()).toEqual([])
    const worse = { ...order, object: { ...order.object, container: { ...container, infectedMembers: 3 } } }
    expect(await made.treater.treat(worse)).toMatchObject({ status: 'deleted' })
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
