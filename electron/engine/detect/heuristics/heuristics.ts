// Asks every structural and heuristic detector about one content. Each is a small module of its own beside this one.
// Never says `infected`: a suspicion is for a person to judge, no automatic action follows from it.
import type { Detection, Subject } from '../subject.ts'
import { elfAnomalies } from './elf-anomalies.ts'
import { htmlSmuggling } from './html-smuggling.ts'
import { minerProgram, minerScript } from './miners.ts'
import { disguisedProgram, doubleExtension, reversedName } from './names.ts'
import { macroSheet, officeMacro } from './office-macros.ts'
import { peAnomalies } from './pe-anomalies.ts'
import { downloadAtStart } from './persistence.ts'
import { reverseShell } from './reverse-shells.ts'
import { scriptDownloader } from './script-downloader.ts'
import { decodedScript } from './scripts.ts'
import { scriptLink } from './shell-link.ts'
import { type Heuristic, suspectOf } from './suspicion.ts'
import { webshell } from './webshells.ts'

/** How much is asked: each level has what is in the levels before it. */
export type HeuristicLevel = 'light' | 'medium' | 'deep'

const levels: readonly HeuristicLevel[] = ['light', 'medium', 'deep']

const heuristics: readonly { readonly level: HeuristicLevel; readonly look: Heuristic }[] = [
  { level: 'light', look: doubleExtension },
  { level: 'light', look: reversedName },
  { level: 'light', look: disguisedProgram },
  { level: 'light', look: scriptLink },
  { level: 'light', look: webshell },
  { level: 'light', look: reverseShell },
  { level: 'light', look: officeMacro },
  { level: 'light', look: macroSheet },
  { level: 'medium', look: decodedScript },
  { level: 'medium', look: scriptDownloader },
  { level: 'medium', look: htmlSmuggling },
  { level: 'medium', look: minerScript },
  { level: 'medium', look: minerProgram },
  { level: 'medium', look: downloadAtStart },
  { level: 'medium', look: elfAnomalies },
  { level: 'deep', look: peAnomalies },
]

/** All suspicions about this content; a heuristic that fails says nothing. */
export function suspicionsOf(subject: Subject, level: HeuristicLevel = 'deep'): Detection[] {
  const suspect = suspectOf(subject)
  const most = levels.indexOf(level)
  return heuristics.flatMap((heuristic) => {
    if (levels.indexOf(heuristic.level) > most) return []
    try {
      return heuristic.look(suspect) ?? []
    } catch {
      return []
    }
  })
}
