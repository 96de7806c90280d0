// Whether an object is still at its name: never called gone where nobody can tell.
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { isMarked, markOf } from './folder-mark.ts'
import { asOrdinaryUser } from './testing/ordinary-user.ts'
import { createLab, infectedContent, type Lab } from './testing/treatment-lab.ts'
import { whereaboutsOf } from './whereabouts.ts'

let lab: Lab
let file = ''
let order: TreatmentOrder
const content = infectedContent()
beforeEach(async () => {
  lab = createLab()
  mkdirSync(join(lab.files, 'd'))
  file = lab.write('d/evil', content)
  order = await lab.order(file)
})
afterEach(() => lab.remove())

/** As the file would have been on a drive that is not there. */
function onAnotherVolume(): TreatmentOrder {
  return { ...order, object: { ...order.object, identity: { ...order.object.identity, dev: '4242', ino: '4242' } } }
}

it('an object is there with another content, and where its volume numbers it anew', async () => {
  expect(await whereaboutsOf(order)).toBe('there')
  expect(await whereaboutsOf(onAnotherVolume())).toBe('there')
  writeFileSync(file, 'another content')
  expect(await whereaboutsOf(order)).toBe('there')
})

it('an object is gone when nothing, another file or a link has its name', async () => {
  renameSync(file, `${file}-moved`)
  expect(await whereaboutsOf(order)).toBe('gone')
  symlinkSync(`${file}-moved`, file)
  expect(await whereaboutsOf(order)).toBe('gone')
  rmSync(file)
  writeFileSync(file, 'another file')
  expect(await whereaboutsOf(order)).toBe('gone')
})

it('nobody knows as long as the folder is on another volume, unless it is known to be the very one', async () => {
  rmSync(file)
  const away = onAnotherVolume()
  expect(await whereaboutsOf(away)).toBe('unknown')
  const stat = statSync(join(lab.files, 'd'), { bigint: true })
  expect(await whereaboutsOf(away, { folder: markOf(stat) })).toBe('gone')
  expect(await whereaboutsOf(away, { folder: { ...markOf(stat), ino: '1' } })).toBe('unknown')
  expect(await whereaboutsOf(away, { isThere: true })).toBe('gone')
})

it('nobody knows when the folder is missing, unless its volume is there', async () => {
  rmSync(join(lab.files, 'd'), { recursive: true })
  expect(await whereaboutsOf(order)).toBe('unknown')
  expect(await whereaboutsOf(order, { isThere: true })).toBe('gone')
})

it('nobody knows when the folder may not be entered, whatever else is known', async () => {
  chmodSync(lab.root, 0o755)
  chmodSync(join(lab.files, 'd'), 0)
  await asOrdinaryUser(async () => expect(await whereaboutsOf(order, { isThere: true })).toBe('unknown'))
  chmodSync(join(lab.files, 'd'), 0o755)
})

it('a folder is known again after a restart that gave its volume another number, and not mistaken for another', () => {
  const stat = statSync(lab.files, { bigint: true })
  const mark = markOf(stat)
  expect(isMarked(mark, stat)).toBe(true)
  expect(isMarked({ ...mark, ino: '1' }, stat)).toBe(false)
  // The volume keeps births where the test runs, or the device has to tell.
  const known = stat.birthtimeNs > 0n
  expect(isMarked({ ...mark, dev: '4242' }, stat)).toBe(known)
  const moved = Object.assign(Object.create(Object.getPrototypeOf(stat)), stat, { ctimeNs: stat.ctimeNs + 1n })
  expect(isMarked({ ...mark, birthtimeNs: '1' }, moved)).toBe(!known && mark.dev === `${stat.dev}`)
  // No births: the device tells.
  const without = Object.assign(Object.create(Object.getPrototypeOf(stat)), stat, { birthtimeNs: 0n })
  expect(isMarked({ ...mark, birthtimeNs: '0' }, without)).toBe(true)
  expect(isMarked({ ...mark, birthtimeNs: '0', dev: '4242' }, without)).toBe(false)
})
