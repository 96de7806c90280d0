// How much of the machine a scan uses under its ceiling, in the middle of a scan of programs with thousands of rules; against the
// same scan without one.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../support/engine.ts'
import type { Figure, Findings } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { cpuPercent } from '../support/machine.ts'
import { copyProgramsAndLibraries } from '../support/programs.ts'
import { ruleSet } from '../support/rule-set.ts'
import { pause } from '../support/wait.ts'

const ceilings = [50, 20]
const threads = 2
/** In the first seconds rules are loaded, and the governor has seen nothing yet. */
const limited = { settleMs: 2500, overMs: 6000 }
/** Without a ceiling the scan would come to its end. */
const free = { settleMs: 1500, overMs: 2000 }

export function loadCeiling(): Promise<Findings> {
  return inFolder(async (folder) => {
    const rules = ruleSet(folder)
    const tree = join(folder, 'tree')
    const files = copyProgramsAndLibraries(tree)
    const { rig, pid } = await startEngine(join(folder, 'engine'), rules.folder, threads)
    const share = async (loadCeilingPercent: number, { settleMs, overMs }: typeof free): Promise<number> => {
      const record = await rig.scan([tree], { loadCeilingPercent }, { ignoreCache: true })
      await pause(settleMs)
      const used = await cpuPercent(pid, overMs)
      await rig.link.client.call('scan.control', { scanId: record.scanId, action: 'stop' })
      await record.finished
      return used / availableParallelism()
    }
    try {
      const peer = { name: 'no ceiling', value: await share(100, free) }
      const figures: Figure[] = []
      for (const ceiling of ceilings) {
        const value = await share(ceiling, limited)
        figures.push({ name: `of all cores, ceiling ${ceiling} %`, value, unit: '%', peer, goal: `<= ${ceiling}` })
      }
      return {
        figures,
        notes: [
          `In the middle of scans of a copy of ${files.source} (${files.files} files, ${(files.bytes / 1e6).toFixed(0)} MB), ${rules.what}, ${threads} threads, ${availableParallelism()} cores; over ${limited.overMs / 1000} s.`,
        ],
      }
    } finally {
      await rig.dispose()
    }
  })
}
