// Macros of Office documents that start by themselves and fetch, decode or start something.
// Sees the source of modules only as text that has been unpacked already.
import { type Heuristic, suspicion } from './suspicion.ts'

const longestMacro = 2 * 1024 * 1024
const startsItself =
  /\b(?:sub|function)\s{1,8}(?:auto_?(?:open|exec|close|new|exit)|document_(?:open|close|new)|workbook_(?:open|activate|deactivate|beforeclose|sheetactivate)|presentation_open|\w{1,40}_(?:layout|painted|painting|onconnecting|onconnected))\b/
const acts: readonly RegExp[] = [
  /(?<![.\w"])shell(?:\s{0,4}[("]|\s{1,4}\w)|shellexecute/,
  // Names of objects that are put together only when they are asked for, or are told by number.
  /\b(?:create|get)object\s{0,4}\(\s{0,4}(?:strreverse|chrw?\$?|replace|join)\s{0,4}\(|getobject\s{0,4}\(\s{0,4}"(?:new|script|scriptlet):/,
  /urldownloadtofile|msxml2\.(?:server)?xmlhttp|microsoft\.xmlhttp|winhttprequest|internetopenurl/,
  /\bpowershell\b|\bmshta\b|\bregsvr32\b|\brundll32\b|\bcertutil\b|\bbitsadmin\b|cmd(?:\.exe)?\s{1,4}\/c/,
  /virtualalloc|createremotethread|\bcreatethread|writeprocessmemory|queueuserapc|winmgmts:[^\n]{0,80}win32_process/,
]
/** An object, and what makes it act. */
const actors: readonly (readonly [string, RegExp])[] = [
  ['wscript.shell', /\.(?:run|exec)\b/],
  ['adodb.stream', /\.savetofile\b/],
  ['win32_process', /\.create\b/],
]
const comments = /^[ \t]{0,80}(?:'|rem\s)[^\n]{0,1000}$/gm
/** Opens a folder or a text for the person. */
const harmless = /\bshell\s{0,4}\(?\s{0,4}"(?:[^"\n]{0,40}\\)?(?:explorer|notepad)(?:\.exe)?\b/g
const formula = /<f>[^<]{0,2000}\b(?:exec\s{0,2}\(|call\s{0,2}\(\s{0,2}(?:"|&quot;)(?:urlmon|shell32|kernel32))/

/** `source`: a module in lower case. True when it starts itself and then acts. */
function isActingMacro(source: string): boolean {
  if (!startsItself.test(source)) return false
  const code = source.replace(comments, '').replace(harmless, '')
  return acts.some((act) => act.test(code)) || actors.some(([name, act]) => code.includes(name) && act.test(code))
}

export const officeMacro: Heuristic = ({ subject: { bytes, name, depth }, text }) => {
  if (depth === 0 || !name.startsWith('VBA/') || text === '') return null
  // All of it: what is done may stand behind pages of nothing.
  if (!isActingMacro(bytes.toString('latin1', 0, longestMacro).toLowerCase())) return null
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
