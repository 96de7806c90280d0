// Names that hide what a program is: two extensions, a reversed part, a document's extension on a program.
// Speaks only when the content can be run; a strange name on a document is no reason.
import { isShellLink } from './shell-link.ts'
import { baseName, type Heuristic, type Suspect, suspicion } from './suspicion.ts'

const documents =
  'pdf|docx?|docm|xlsx?|xlsm|xlsb|pptx?|pps|rtf|odt|ods|odp|txt|csv|jpe?g|png|gif|bmp|tiff?|heic|webp|svg|mp3|mp4|wav|avi|mov|mkv|html?|eml|msg|epub|dwg'
const programs = 'exe|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|hta|lnk|ps1|msi|msc|cpl|jar|sh|desktop|command|xll'
/** Characters that take room or none, and are not seen. */
const blank =
  '[\\s\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]'
/** Windows leaves blanks and dots at the end of a name out. */
const end = '[\\s.]*$'
const doubled = new RegExp(`\\.(?:${documents})${blank}*\\.${blank}*(${programs})${end}`, 'i')
const padded = new RegExp(`${blank}{8}\\.(?:${programs})${end}`, 'i')
const dressed = new RegExp(`\\.(?:${documents})${blank}*$`, 'i')
const isProgramName = new RegExp(`\\.(?:${programs})${end}`, 'i')
/** Right-to-left override, embedding and isolate. */
const turning = /[\u202e\u202b\u2067]/
/** `page.html.js` and `styles.png.js` are made by build tools, `a.txt.sh` by people. */
const usual = /^(?:js|sh|cmd|bat|com|desktop)$/i
/** A script for the host of Windows, which no build tool makes. */
const forHost = /\bactivexobject\s{0,4}\(|\bwscript\s{0,4}\.|\bcreateobject\s{0,4}\(/

/** A program called `invoice.pdf.exe`, or whose extension is pushed out of sight by blanks. */
export const doubleExtension: Heuristic = (suspect) => {
  const name = baseName(suspect.subject.name).slice(-300)
  const last = doubled.exec(name)?.[1]
  const isRun = isProgram(suspect) || isLauncher(suspect, name)
  const hides = padded.test(name) || (last !== undefined && (!usual.test(last) || isRun || forHost.test(suspect.text)))
  if (!hides || !(isRun || isScriptText(suspect))) return null
  return suspicion({
    threat: 'Name.DoubleExtension',
    verdict: isProgram(suspect) ? 'probably-infected' : 'risky',
    because: 'A program whose name pretends to be a document.',
  })
}

/** A character that turns the rest of a name around, so that `exe.pdf` is read where `fdp.exe` stands. */
export const reversedName: Heuristic = (suspect) => {
  const name = baseName(suspect.subject.name)
  if (!turning.test(name)) return null
  if (!isProgram(suspect) && !isProgramName.test(name)) return null
  return suspicion({
    threat: 'Name.RightToLeftOverride',
    verdict: 'probably-infected',
    because: 'A hidden character turns a part of the name around, so that a program looks like a document.',
  })
}

/** A program called `photo.jpg` inside of an archive or mail. */
export const disguisedProgram: Heuristic = (suspect) => {
  const { subject } = suspect
  if (subject.depth === 0 || subject.format === 'script' || !dressed.test(subject.name) || !isProgram(suspect))
    return null
  return suspicion({
    threat: 'Name.DisguisedProgram',
    verdict: 'probably-infected',
    because: 'A program that carries the name of a document or picture.',
  })
}

/** Told from the content: what the system would run. */
function isProgram({ subject: { format, bytes } }: Suspect): boolean {
  return format === 'pe' || format === 'elf' || format === 'macho' || format === 'script' || isShellLink(bytes)
}

/** A starter of Linux desktops, which is text. */
function isLauncher({ text }: Suspect, name: string): boolean {
  return /\.desktop$/i.test(name) && text.includes('[desktop entry]') && /^exec\s{0,4}=/m.test(text)
}

/** Scripts for Windows have no mark of their own: text is enough where the extension says how it is run. */
function isScriptText({ subject: { format, name } }: Suspect): boolean {
  const isText = format === 'text' || format === 'html'
  return isText && new RegExp(`\\.(?:vbs|vbe|js|jse|wsf|wsh|hta|ps1|bat|cmd)${end}`, 'i').test(name)
}
