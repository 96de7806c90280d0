// Programs and scripts that mine cryptocurrency: the address of a pool together with what only a miner needs.
// A program that a person wanted is possible, so the verdict is `risky`.
import { type Heuristic, suspicion } from './suspicion.ts'

const pool = /stratum\+(?:tcp|ssl|tls):\/\/[\w.-]{4,255}:\d{2,5}/
const account =
  /(?:\s|["'])-(?:u|-user|-wallet|-url|o)[\s="']{1,4}|"(?:user|wallet)"\s{0,4}:|--donate-level|\b[48][0-9ab][1-9a-z]{93}\b/
const poolStart = Buffer.from(['stratum', '+tcp://'].join(''))
const miner: readonly Buffer[] = ['donate-level', 'randomx', 'cryptonight', 'ethash'].map((text) => Buffer.from(text))
/** Where the strings of a program lie is not known without its tables: only this much is looked through. */
const searched = 1_048_576

export const minerScript: Heuristic = ({ text }) => {
  if (!text.includes('stratum+') || !pool.test(text) || !account.test(text)) return null
  return suspicion({ threat: 'Miner.Script', verdict: 'risky', because: 'Starts a program that mines cryptocurrency.' })
}

export const minerProgram: Heuristic = ({ subject: { bytes, format } }) => {
  if (format !== 'elf' && format !== 'pe') return null
  const start = bytes.subarray(0, searched)
  if (!start.includes(poolStart) || !miner.some((mark) => start.includes(mark))) return null
  return suspicion({ threat: 'Miner.Program', verdict: 'risky', because: 'A program that mines cryptocurrency.' })
}
