// Names that hide what a program is: two extensions, a reversed part, a document's extension on a program.
// Speaks only when the content can be run; a strange name on a document is no reason.
import { isShellLink } from './shell-link.ts'
import { baseName, type Heuristic, type Suspect, suspicion } from './suspicion.ts'

const documents =
  'pdf|docx?|docm|xlsx?|xlsm|pptx?|rtf|odt|ods|txt|csv|jpe?g|png|gif|bmp|tiff?|heic|mp3|mp4|avi|mov|html?'
const programs = 'exe|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|hta|lnk|ps1|msi|cpl|jar|sh|desktop'
const doubled = new RegExp(`\\.(?:${documents})[\\s_\\u00a0\\u2000-\\u200b\\u3000]*\\.(${programs})$`, 'i')
const padded = new RegExp(`[\\s\\u00a0\\u2000-\\u200b\\u3000]{8}\\.(?:${programs})$`, 'i')
const dressed = new RegExp(`\\.(?:${documents})$`, 'i')
const rightToLeftOverride = '\u202e'
/** `page.html.js` and `styles.png.js` are made by build tools, `a.txt.sh` by people. */
const usual = /^(?:js|sh|cmd|bat|com|desktop)$/i

/** A program called `invoice.pdf.exe`, or whose extension is pushed out of sight by blanks. */
export const doubleExtension: Heuristic = (suspect) => {
  const name = baseName(suspect.subject.name).slice(-300)
  const last = doubled.exec(name)?.[1]
  const hides = padded.test(name) || (last !== undefined && (!usual.test(last) || isProgram(suspect)))
  if (!hides || !(isProgram(suspect) || isScriptText(suspect))) return null
  return suspicion({
    threat: 'Name.DoubleExtension',
    verdict: isProgram(suspect) ? 'probably-infected' : 'risky',
    because: 'A program whose name pretends to be a document.',
  })
}

/** A character that turns the rest of a name around, so that `exe.pdf` is read where `fdp.exe` stands. */
export const reversedName: Heuristic = (suspect) => {
  const name = baseName(suspect.subject.name)
  if (!name.includes(rightToLeftOverride)) return null
  if (!isProgram(suspect) && !new RegExp(`\\.(?:${programs})$`, 'i').test(name)) return null
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

/** Scripts for Windows have no mark of their own: text is enough where the extension says how it is run. */
function isScriptText({ subject: { format, name } }: Suspect): boolean {
  return format === 'text' && /\.(?:vbs|vbe|jse|wsf|hta|ps1|bat|cmd)$/i.test(name)
}
