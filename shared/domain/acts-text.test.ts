import { expect, it } from 'vitest'
import { actsText, givenEntriesText } from './acts-text.ts'

it('names what ended and what was removed', () => {
  const entry = '~/.config/autostart/x.desktop'
  expect(actsText({ ended: ['sh (1234)'], autostartRemoved: [entry] })).toBe(
    `process sh (1234) ended; autostart entry ${entry} removed`,
  )
  expect(actsText({ ended: ['sh (1)', 'sleep (2)'], autostartRemoved: [] })).toBe('processes sh (1), sleep (2) ended')
  expect(actsText({ ended: [], autostartRemoved: [], autostartLeft: ['/etc/crontab: x'] })).toBe(
    'autostart entry /etc/crontab: x could not be removed',
  )
})

it('says how many more there are where not all have room', () => {
  const ended = [...Array.from({ length: 19 }, (_, index) => `program-${index} (${index})`), 'and 81 more']
  const text = actsText({ ended, autostartRemoved: ['x'.repeat(100)] })
  expect(text.length).toBeLessThanOrEqual(256)
  const [, named = '', more] = /^processes (.*) and (\d+) more ended; autostart entry x+ removed$/.exec(text) ?? []
  expect(named.split(', ').length + Number(more)).toBe(100)
  expect(actsText({ ended: ['y'.repeat(256)], autostartRemoved: [] })).toMatch(/^process y+…$/)
})

it('names what came back with an object, and why something did not', () => {
  expect(givenEntriesText({ restored: [], left: [] })).toBe('')
  expect(givenEntriesText({ restored: ['~/.bashrc: x'], left: [] })).toBe('Autostart entry ~/.bashrc: x restored')
  expect(givenEntriesText({ restored: ['a', 'b'], left: [{ entry: 'c', code: 'target-exists' }] })).toBe(
    'Autostart entries a, b restored; autostart entry c (what is there was changed) not restored',
  )
  expect(givenEntriesText({ restored: ['x'.repeat(300)], left: [] })).toHaveLength(256)
})
