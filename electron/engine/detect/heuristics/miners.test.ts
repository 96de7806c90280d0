import { describe, expect, it } from 'vitest'
import { ask, j } from './testing/ask.ts'

const suspected: readonly (readonly [string, string])[] = [
  [
    'a miner that is started without a kind of address',
    `#!/bin/sh\ncd /tmp && ./${j('xm', 'rig')} -o pool.example.invalid:3333 -u me -k --${j('donate', '-level')} 1\n`,
  ],
  [
    'a page that mines',
    `<html><script src="x.js"></script><script>var miner = new ${j('Coin', 'Hive')}.Anonymous('KEY'); miner.start();</script></html>`,
  ],
]
const ordinary: readonly (readonly [string, string])[] = [
  ['a list of what is blocked', `! list\n||coinhive.com^\n||coin-hive.com^$third-party\n||supportxmr.com^\nxmrig\n`],
  ['a text about miners', `<html><p>Criminals used xmrig with a donate-level of 1 and stratum addresses.</p></html>`],
  ['settings with pools of another kind', `{"pools":[{"url":"http://example.org:80","user":"me"}],"level":1}`],
]

describe('miners', () => {
  it.each(suspected)('suspected: %s', (_, content) => expect(ask(content)).toEqual(['Miner.Script']))
  it.each(ordinary)('ordinary: %s', (_, content) => expect(ask(content)).toEqual([]))
})
