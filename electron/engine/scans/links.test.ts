// Several names of one file: read as seldom as possible, reported as often as there are names, each with its own verdict.
import { expect, it } from 'vitest'
import type { Detector } from '#shared/domain/object-report.ts'
import type { FileScanResult } from '../scanner.ts'
import type { FeedFile } from './feed-queue.ts'
import { lost } from './gaps.ts'
import { Links } from './links.ts'

const file = (path: string): FeedFile => ({ path: Buffer.from(path), size: 1, link: '1:2' })
const clean: FileScanResult = {
  kind: 'nothing-found',
  coverage: { kind: 'full' },
  notScanned: [],
  objects: 1,
  bytes: 1,
  excluded: 0,
}
const found = (detector: Detector, path = '/a'): FileScanResult => ({
  kind: 'detected',
  object: {
    path: { text: path },
    identity: {
      dev: '1',
      ino: '2',
      size: 1,
      mtimeNs: '1',
      ctimeNs: '1',
      birthtimeNs: '1',
      nlink: 3,
      sha256: 'a'.repeat(64),
    },
    findings: [{ member: [], threat: 'T', verdict: 'probably-infected', detector }],
    findingsComplete: true,
    coverage: { kind: 'full' },
  },
  notScanned: [],
  objects: 1,
  bytes: 1,
  excluded: 0,
})
const names = (files: readonly FeedFile[]) => files.map(({ path }) => path.toString())

it('what is bad by its content is read once, and every name is reported', () => {
  const links = new Links()
  expect(links.ask(file('/a'))).toBe('read')
  expect(links.ask(file('/b'))).toBe('wait')
  const { names: known, toRead } = links.settle(file('/a'), found('hash'))
  expect(toRead).toEqual([])
  expect(known.map(({ result }) => result)).toEqual([{ ...found('hash', '/b'), objects: 0, bytes: 0 }])
  expect(links.ask(file('/c'))).toMatchObject({ kind: 'detected', object: { path: { text: '/c' } }, objects: 0 })
})

it('a name that may add something is read for itself; one that differs in its folder only is not', () => {
  const links = new Links()
  links.ask(file('/a/picture.jpg'))
  for (const name of ['/b/picture.jpg', '/a/picture.jpg.exe', '/b/picture.jpg.exe']) links.ask(file(name))
  const first = links.settle(file('/a/picture.jpg'), clean)
  expect(first.names.map(({ file: each }) => each.path.toString())).toEqual(['/b/picture.jpg'])
  expect(names(first.toRead)).toEqual(['/a/picture.jpg.exe'])
  const second = links.settle(file('/a/picture.jpg.exe'), found('heuristic'))
  expect(second.names.map(({ result }) => result.kind)).toEqual(['detected'])
  // What only the name makes suspicious is not said of the others.
  expect(links.ask(file('/c/picture.jpg'))).toMatchObject({ kind: 'nothing-found' })
  expect(links.ask(file('/c/picture.jpg.exe'))).toMatchObject({ kind: 'detected' })
})

it('the number of names that are read is bounded', () => {
  const links = new Links()
  links.ask(file('/0'))
  links.settle(file('/0'), clean)
  const answers = Array.from({ length: 100 }, (_value, index) => links.ask(file(`/name-${index}`)))
  expect(answers.filter((answer) => answer === 'read')).toHaveLength(7)
})

it('a name that could not be read says nothing about the others: the next one is', () => {
  const links = new Links()
  for (const name of ['/a/x', '/b/x', '/c/y']) links.ask(file(name))
  const first = links.settle(file('/a/x'), lost('vanished'))
  expect([names(first.toRead), first.names]).toEqual([['/b/x'], []])
  const second = links.settle(file('/b/x'), clean)
  expect([names(second.toRead), second.names]).toEqual([['/c/y'], []])
  const third = links.settle(file('/c/y'), lost('no-access'))
  expect([names(third.toRead), third.names]).toEqual([[], []])
  expect(links.ask(file('/d/y'))).toBe('read')
})
