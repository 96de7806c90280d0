// The list of what could not be used, as it is shown: bounded, with the lines of files inside containers summed up.
import type { DatabasesInfo } from '#shared/engine-protocol/engine-contract.ts'
import type { Rejected } from './signature-text.ts'

const maxListed = 200

/** `all`: how many there are, of which `rejected` may be only the first. */
export function rejectedList(rejected: readonly Rejected[], all: number): DatabasesInfo['rejected'] {
  const unlisted = all - rejected.length
  const summed = summedUp(rejected)
  const listed = summed.map(({ file, line, problem }) => ({
    file: file.slice(0, 256),
    line,
    problem: problem.slice(0, 4096),
  }))
  if (unlisted === 0 && listed.length <= maxListed) return listed
  const kept = listed.slice(0, maxListed - 1)
  return [...kept, { file: '', line: 0, problem: `${unlisted + listed.length - kept.length} more` }]
}

/** Nobody can mend a line inside a container: there each kind of problem is one entry. */
function summedUp(rejected: readonly Rejected[]): Rejected[] {
  const sums = new Map<string, { file: string; line: number; problem: string; count: number }>()
  for (const { file, line, problem } of rejected) {
    const isInside = file.includes('/') && line > 0
    const key = isInside ? `${file}\0${problem}` : `\0${sums.size}`
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { file, line: isInside ? 0 : line, problem, count: isInside ? 1 : 0 })
    else sum.count += 1
  }
  return [...sums.values()].map(({ file, line, problem, count }) => {
    return { file, line, problem: count === 0 ? problem : `${count} ${count === 1 ? 'line' : 'lines'}: ${problem}` }
  })
}
