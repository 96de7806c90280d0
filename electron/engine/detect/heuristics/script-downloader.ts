// Scripts of Windows that fetch a file, save it, and run it: each by an object of the system that few others need together.
// Told by what they call, in one script; fetching, saving and running alone are ordinary.
import { withoutComments } from './forms.ts'
import { type Heuristic, suspicion } from './suspicion.ts'

const fetches = /\b(?:microsoft|msxml2?)\.(?:server)?xmlhttp\b|\bwinhttp\.winhttprequest\b/
const runsBy = /\b(?:wscript\.shell|shell\.application)\b/
const runs = String.raw`\.\s{0,4}(?:run|exec|shellexecute)\b`
/** What it is saved as: a name, or the variable of one. */
const saved = /\.\s{0,4}savetofile\s{0,4}\(?\s{0,4}(["'][^"'\n]{1,200}["']|[\w$.]{1,60})/g
const mostSaved = 20

export const scriptDownloader: Heuristic = ({ subject, text }) => {
  if (!text.includes('adodb.stream') || !text.includes('savetofile')) return null
  const code = withoutComments(text)
  if (!fetches.test(code) || !runsBy.test(code) || !new RegExp(runs).test(code)) return null
  // Guides quote such lines.
  if (subject.format === 'text' && /^\s{0,8}#{1,6} [^\n]{1,100}\n[\s\S]{0,4000}```/.test(text)) return null
  const isSame = [...code.matchAll(saved)].slice(0, mostSaved).some(([, what = '']) => isRun(code, what))
  return suspicion({
    threat: 'Script.Downloader',
    verdict: isSame ? 'probably-infected' : 'risky',
    because: 'A script that downloads a file, saves it and runs programs.',
  })
}

function isRun(code: string, what: string): boolean {
  const exactly = what.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
  return new RegExp(String.raw`${runs}[^;\n]{0,200}${exactly}`).test(code)
}
