// Programs, scripts and pages that mine cryptocurrency: the address of a pool together with what only a miner needs.
// A program that a person wanted is possible, so the verdict is `risky`. Settings of miners are for the seed rules.
import { type Heuristic, suspicion } from './suspicion.ts'

const pool = /stratum\d?\+(?:tcp|ssl|tls):\/\/[\w.-]{4,255}:\d{2,5}/
const account =
  /(?:\s|["'])-(?:u|-user|-wallet|-url|o)[\s="']{1,4}|"(?:user|wallet)"\s{0,4}:|--donate-level|\b[48][0-9ab][1-9a-z]{93}\b/
const programs = 'xmrig|xmr-stak|minerd|cpuminer|cgminer|bfgminer|nbminer|lolminer|phoenixminer|ethminer|nanominer'
/** A miner that is started with a pool, whose kind of address it does not have to say. */
const started = new RegExp(
  String.raw`(?:^|[\s/"'])(?:${programs})(?:\.exe|-[\w.-]{1,30})?["']?\s[^\n]{0,200}(?:-o|--url|--pool|-p)[\s=]{1,4}["']?[\w.-]{4,255}:\d{2,5}\b`,
  'm',
)
const inPage = /new\s{1,4}(?:coinhive|cryptoloot|coinimp|webminepool|client)\.anonymous\(/
/** By words that are looked for first, since that is cheap. */
const ways: readonly { readonly needs: string; readonly is: (text: string) => boolean }[] = [
  { needs: 'stratum', is: (text) => pool.test(text) && account.test(text) },
  { needs: 'miner', is: (text) => started.test(text) },
  { needs: 'xmr', is: (text) => started.test(text) },
  { needs: '.anonymous(', is: (text) => inPage.test(text) },
]
const poolStarts = [['stratum', '+tcp://'].join(''), ['stratum', '+ssl://'].join('')].map((text) => Buffer.from(text))
const miner: readonly Buffer[] = ['donate-level', 'randomx', 'cryptonight', 'ethash', 'kawpow'].map((text) =>
  Buffer.from(text),
)
/** The strings of a program lie behind its code, which may be megabytes. */
const searched = 16 * 1024 * 1024

export const minerScript: Heuristic = ({ text }) => {
  if (!ways.some(({ needs, is }) => text.includes(needs) && is(text))) return null
  return suspicion({ threat: 'Miner.Script', verdict: 'risky', because: 'Starts a program that mines cryptocurrency.' })
}

export const minerProgram: Heuristic = ({ subject: { bytes, format } }) => {
  if (format !== 'elf' && format !== 'pe') return null
  const start = bytes.subarray(0, searched)
  if (!poolStarts.some((mark) => start.includes(mark)) || !miner.some((mark) => start.includes(mark))) return null
  return suspicion({ threat: 'Miner.Program', verdict: 'risky', because: 'A program that mines cryptocurrency.' })
}
