// Programs that a virus attached itself to, made whole again by recipes of the databases. The "virus" is the marker of the tests.
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { smallElf, smallPe } from '../databases/clamav/testing/programs.ts'
import { infectedMarker } from '../detect/testing/lab.ts'
import { createScannedLab } from './testing/scanned-lab.ts'

const scanned = createScannedLab()
const { act } = scanned
beforeAll(() => scanned.begin())
afterEach(() => scanned.afterEach())
afterAll(() => scanned.dispose())

const threat = 'RemoteProtection_Test_Infected'
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const elfHost = smallElf(Buffer.alloc(3000, 'host '), 0x60)
const peHost = smallPe([{ address: 0x1000, content: Buffer.alloc(700, 'host ') }], 0x1010)
/** Where a PE file of the tests keeps its entry point. */
const peEntry = 0xa8

/** In front: a program of its own that starts the host. */
const virusProgram = smallElf(infectedMarker, 0x54)
const prepended = Buffer.concat([virusProgram, elfHost])
const prependedRecipe: CureRecipe = {
  threat,
  format: 'elf',
  match: [{ at: 0x54, bytes: infectedMarker.toString('hex') }],
  restore: [[virusProgram.length, 0, 0]],
  truncate: -virusProgram.length,
}

/** Behind: the host starts there; where it started before, and how long it was, stands at the very end. */
const appended = Buffer.from(
  Buffer.concat([peHost, infectedMarker, Buffer.alloc(33, 'v'), uint32(0x1010), uint32(peHost.length)]),
)
appended.writeUInt32LE(0x1200, peEntry)
const appendedRecipe: CureRecipe = {
  threat: 'RemoteProtection_*',
  format: 'pe',
  size: { min: 1000 },
  match: [{ at: -8, bytes: '10??0000' }],
  restore: [[-8, 4, peEntry]],
  truncate: { at: -4, bytes: 4 },
}

/** In the unused end of a section. */
const cavityAt = 0x400 + 700
const cavity = Buffer.from(peHost)
infectedMarker.copy(cavity, cavityAt)
cavity.writeUInt32LE(0x1000 + 700, peEntry)
const cavityRecipe: CureRecipe = {
  threat,
  format: 'pe',
  match: [{ at: cavityAt, bytes: infectedMarker.toString('hex') }],
  fixups: [
    { at: peEntry, bytes: '10100000' },
    { at: cavityAt, zeros: infectedMarker.length },
  ],
  sha256After: createHash('sha256').update(peHost).digest('hex'),
}

const recipes = [prependedRecipe, appendedRecipe, cavityRecipe]

describe('an infected program', () => {
  it.each([
    ['in front of it', prepended, elfHost],
    ['behind it', appended, peHost],
    ['in a gap of it', cavity, peHost],
  ])('is byte for byte what it was when the virus was %s; a copy is in Quarantine', async (_, infected, host) => {
    const { outcome, after, copies, object } = await act(infected, { lab: { recipes } })
    expect(object.findings.some(({ member }) => member.length === 0)).toBe(true)
    expect(outcome).toMatchObject({ status: 'disinfected' })
    expect(after?.equals(host)).toBe(true)
    expect(copies).toBe(1)
    expect((await act(infected, { lab: { recipes }, verb: 'cure-only' })).outcome).toMatchObject({
      status: 'disinfected',
    })
  })

  it('is deleted without a recipe, when only deleting is allowed, and kept when only curing is', async () => {
    expect((await act(appended)).outcome).toMatchObject({ status: 'deleted' })
    expect((await act(appended, { verb: 'cure-only' })).outcome).toEqual({ status: 'kept', code: 'cannot-disinfect' })
    const deletes = { settings: { disinfect: false }, lab: { recipes } }
    expect((await act(appended, deletes)).outcome).toMatchObject({ status: 'deleted' })
  })

  it('is deleted when what the recipe makes still matches (51)', async () => {
    const twice = Buffer.concat([appended.subarray(0, peHost.length), infectedMarker, appended.subarray(peHost.length)])
    twice.writeUInt32LE(peHost.length + infectedMarker.length, twice.length - 4)
    expect((await act(twice, { lab: { recipes } })).outcome).toMatchObject({ status: 'deleted' })
  })

  it.each<[string, CureRecipe[]]>([
    ['is about another threat', [{ ...appendedRecipe, threat: 'Other.*' }]],
    ['is about another length', [{ ...appendedRecipe, size: { max: 1000 } }]],
    ['does not match', [{ ...appendedRecipe, match: [{ at: 0, bytes: '4d5b' }] }]],
    ['leads outside', [{ ...appendedRecipe, restore: [[-8, 4, 1_000_000]] }]],
    ['leaves a cut program', [{ ...appendedRecipe, truncate: 1200 }]],
    ['leaves a program that starts nowhere', [{ ...appendedRecipe, fixups: [{ at: peEntry, bytes: '00990000' }] }]],
    ['leaves no program of its kind', [{ ...appendedRecipe, format: 'elf' }]],
    ['makes another file than it says', [{ ...appendedRecipe, sha256After: 'a'.repeat(64) }]],
    ['disagrees with another', [appendedRecipe, { ...appendedRecipe, fixups: [{ at: 0x410, bytes: '00' }] }]],
  ])('is deleted when its recipe %s', async (_, wrong) => {
    expect((await act(appended, { lab: { recipes: wrong } })).outcome).toMatchObject({ status: 'deleted' })
    expect((await act(appended, { lab: { recipes: wrong }, verb: 'cure-only' })).outcome).toMatchObject({
      status: 'kept',
    })
  })

  it('is cured by the one recipe that works when others do not apply', async () => {
    const others = [
      { ...appendedRecipe, truncate: 1200 },
      { ...appendedRecipe, match: [{ at: 0, bytes: '00' }] },
    ]
    const { after } = await act(appended, { lab: { recipes: [...others, appendedRecipe] } })
    expect(after?.equals(peHost)).toBe(true)
  })
})
