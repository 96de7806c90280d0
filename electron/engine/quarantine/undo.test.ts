// Undoing a cure: the cured file at the place goes when it is still exactly what the cure left, and is kept first.
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Folder } from '../files/dirfd.ts'
import { infectedContent, type LabOptions, type OrderChange } from '../treat/testing/treatment-lab.ts'
import { makeZip } from '../treat/testing/zip-fixture.ts'
import { codeFrom, type QuarantineLab, quarantineLab } from './testing/quarantine-lab.ts'

const labs: QuarantineLab[] = []
const realExchange = Folder.prototype.exchange
afterEach(() => {
  Folder.prototype.exchange = realExchange
  for (const lab of labs.splice(0)) lab.remove()
})

async function disinfected(options: LabOptions = {}) {
  const made = quarantineLab(options)
  labs.push(made)
  const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
  const evil = { name: 'evil.exe', content: infectedContent(), stored: true }
  const original = makeZip([good, evil]).bytes
  const file = made.lab.write('a.zip', original)
  const change = {
    verb: 'disinfect',
    members: [['evil.exe']],
    container: { format: 'zip', leaves: 2 },
  } satisfies OrderChange
  const copy = await made.treated(file, change)
  const cured = readFileSync(file)
  expect(cured.includes('evil.exe')).toBe(false)
  return { made, lab: made.lab, file, original, cured, ...copy }
}

describe('undoing a disinfection', () => {
  it('puts the original in place of the cured file, and keeps that one in Quarantine', async () => {
    const { made, lab, file, original, cured, id, detectionId } = await disinfected()
    const { replaced, notKept } = await made.restore(id)
    expect(readFileSync(file).equals(original)).toBe(true)
    expect(notKept).toEqual([])
    expect(readdirSync(lab.files)).toEqual(['a.zip'])
    if (replaced === undefined) throw new Error('not kept')
    expect(made.quarantine.get(replaced)).toMatchObject({ copyOf: 'cured', detectionId, originalPath: { text: file } })
    expect((await lab.copyOf(replaced)).equals(cured)).toBe(true)
    // And once more, the other way round: the cured version can be had back.
    rmSync(file)
    await made.restore(replaced)
    expect(readFileSync(file).equals(cured)).toBe(true)
  })

  it('leaves the cured file alone once somebody changed it, put a link there, or it is restored elsewhere', async () => {
    const { made, file, id, cured } = await disinfected()
    appendFileSync(file, 'work of a person')
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    expect(readFileSync(file).subarray(0, cured.length).equals(cured)).toBe(true)
    expect(await codeFrom(made.restore(id, { target: { text: file } }))).toBe('target-exists')
    writeFileSync(`${file}.real`, cured)
    rmSync(file)
    symlinkSync(`${file}.real`, file)
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    expect(made.quarantine.list({ offset: 0, limit: 9, search: '', only: 'all' }).total).toBe(1)
  })

  it('loses nothing when the file is swapped for another one in the last moment', async () => {
    const { made, lab, file, id } = await disinfected()
    Folder.prototype.exchange = function (this: Folder, name: Buffer, other: Buffer) {
      Folder.prototype.exchange = realExchange
      writeFileSync(`${file}.new`, 'work of a person')
      renameSync(`${file}.new`, file)
      return realExchange.call(this, name, other)
    }
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    expect(readFileSync(file, 'utf8')).toBe('work of a person')
    expect(readdirSync(lab.files)).toEqual(['a.zip'])
    expect(made.quarantine.list({ offset: 0, limit: 9, search: '', only: 'all' }).total).toBe(1)
  })

  it('is a question of names where two names cannot be exchanged in one step', async () => {
    const { made, lab, file, cured, id } = await disinfected()
    Folder.prototype.exchange = () => false
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    expect(readFileSync(file).equals(cured)).toBe(true)
    expect(readdirSync(lab.files)).toEqual(['a.zip'])
    const beside = { text: join(lab.files, 'a (restored).zip') }
    expect((await made.restore(id, { target: beside })).path).toEqual(beside)
  })

  it('does not happen when the cured file cannot be kept', async () => {
    let full = false
    const freeSpace = () => ({ free: full ? 0 : 10 ** 12, total: 10 ** 12 })
    const { made, file, cured, id } = await disinfected({ vault: { freeSpace } })
    full = true
    expect(await codeFrom(made.restore(id))).toBe('disk-full')
    expect(readFileSync(file).equals(cured)).toBe(true)
  })
})
