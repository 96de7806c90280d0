// Searching the list of detected objects: by path, threat and digest.
import { expect, it } from 'vitest'
import type { DetectionId } from '#shared/domain/ids.ts'
import { infected } from '../testing/fake-machine.ts'
import { listDetections } from './listing.ts'
import { newDetection } from './transitions.ts'

const context = {
  at: '2026-03-01T10:00:00Z',
  origin: { kind: 'local' },
  scanType: 'full',
  excludedThreats: [],
} as const
const all = { filter: 'all', offset: 0, limit: 10 } as const
const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
const objects = ['/home/Invoice.exe', '/opt/tool'].map((path, n) => {
  const object = { ...infected(path, { threat: n === 0 ? 'Eicar-Test' : 'Own.Tool' }), ...(n === 0 ? { md5 } : {}) }
  return newDetection(`b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a00${n}` as DetectionId, { object, state: 'found' }, context)
})

it.each([
  ['a part of the path', 'invoice'],
  ['a part of the threat', 'eicar'],
  ['the whole SHA-256', infected('/home/Invoice.exe').identity.sha256],
  ['its beginning, in capitals', infected('/home/Invoice.exe').identity.sha256.slice(0, 12).toUpperCase()],
  ['the whole MD5', md5],
  ['its beginning', md5.slice(0, 8)],
])('finds an object by %s', (_what, search) => {
  const found = listDetections(objects, { ...all, search })
  expect(found.objects.map(({ path }) => path.text)).toEqual(['/home/Invoice.exe'])
})

it('does not find one by the end of a digest', () => {
  expect(listDetections(objects, { ...all, search: md5.slice(4) }).total).toBe(0)
})
