// Macros of Office documents that start by themselves and fetch, decode or start something.
// Sees the source of modules only as text that has been unpacked already.
import { type Heuristic, suspicion } from './suspicion.ts'

const startsItself =
  /\b(?:sub|function)\s{1,8}(?:auto_?(?:open|exec|close|new|exit)|document_(?:open|close|new)|workbook_(?:open|activate|beforeclose)|presentation_open)\b/
const acts: readonly RegExp[] = [
  /\bshell\s{0,4}[("]|\bshell\s{1,4}\w|shellexecute|wscript\.shell|shell\.application/,
  /urldownloadtofile|msxml2\.(?:server)?xmlhttp|microsoft\.xmlhttp|winhttprequest|internetopenurl/,
  /\bpowershell\b|\bmshta\b|\bregsvr32\b|\brundll32\b|\bcertutil\b|\bbitsadmin\b|cmd(?:\.exe)?\s{1,4}\/c/,
  /virtualalloc|createremotethread|rtlmovememory|winmgmts:[^\n]{0,80}win32_process/,
]
const formula = /<f>[^<]{0,2000}\b(?:exec\s{0,2}\(|call\s{0,2}\(\s{0,2}(?:"|&quot;)(?:urlmon|shell32|kernel32))/

/** `source`: all modules of one document together, in lower case. True when they start themselves and then act. */
export function isActingMacro(source: string): boolean {
  return startsItself.test(source) && acts.some((act) => act.test(source))
}

export const officeMacro: Heuristic = ({ subject: { name, depth }, text }) => {
  if (depth === 0 || !name.startsWith('VBA/') || !isActingMacro(text)) return null
  return suspicion({
    threat: 'Macro.StartsProgram',
    verdict: 'probably-infected',
    because: 'A document whose macro starts by itself and downloads or starts a program.',
  })
}

/** Macros of Excel 4, which stand in cells of a sheet of their own. */
export const macroSheet: Heuristic = ({ subject: { name, depth }, text }) => {
  if (depth === 0 || !name.includes('xl/macrosheets/') || !formula.test(text)) return null
  return suspicion({
    threat: 'Macro.SheetStartsProgram',
    verdict: 'probably-infected',
    because: 'A spreadsheet with an old kind of macro that downloads or starts a program.',
  })
}
