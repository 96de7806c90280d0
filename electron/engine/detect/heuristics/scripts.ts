// Scripts that unpack long hidden data and run it at once. Minified and bundled code does not: it is readable code in
// one line. Without a decoder directly inside of the execution, or a blob on a command line, nothing is said.
import { base64Run, type Heuristic, suspicion } from './suspicion.ts'

interface Form {
  readonly needs: string
  readonly is: RegExp
  /** Characters of hidden data that must be in the text; 0 = the expression asks for them itself. */
  readonly hidden: number
}

const opened = String.raw`\s{0,4}\(\s{0,4}`
const blob = '[a-z0-9+/=]'
const allForms: readonly Form[] = [
  // PHP
  {
    needs: 'base64_decode',
    is: new RegExp(
      `\\beval${opened}(?:(?:gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode)${opened}){0,4}base64_decode${opened}['"$]`,
    ),
    hidden: 200,
  },
  // JavaScript
  {
    needs: 'atob',
    is: new RegExp(
      `(?:\\beval|\\bnew\\s{1,4}function|\\bfunction)${opened}(?:window\\.)?atob${opened}['"]${blob}{200}`,
    ),
    hidden: 0,
  },
  {
    needs: 'unescape',
    is: new RegExp(`(?:\\beval|document\\.write)${opened}unescape${opened}['"](?:%u?[0-9a-f]{2,4}){100}`),
    hidden: 0,
  },
  {
    needs: 'fromcharcode',
    is: new RegExp(`\\beval${opened}string\\.fromcharcode${opened}(?:\\d{1,5}\\s{0,2},\\s{0,2}){60}`),
    hidden: 0,
  },
  { needs: "'base64'", is: new RegExp(`\\beval${opened}buffer\\.from${opened}'${blob}{200}`), hidden: 0 },
  // PowerShell
  {
    needs: 'powershell',
    is: new RegExp(`powershell(?:\\.exe)?["']?\\s[^\\n]{0,200}-e(?:nc?|ncodedcommand)?\\s{1,4}["']?${blob}{100}`),
    hidden: 0,
  },
  {
    needs: 'frombase64string',
    is: /(?:\biex\b|invoke-expression)[^\n]{0,300}frombase64string|frombase64string[^\n]{0,2000}\|\s{0,4}(?:iex\b|invoke-expression)/,
    hidden: 200,
  },
  // VBScript: code made of single characters
  {
    needs: 'execute',
    is: /\bexecute(?:global)?[\s(]{1,4}(?:chrw?\s{0,2}\(\s{0,2}[^()\n]{1,20}\)\s{0,2}&\s{0,2}){40}/,
    hidden: 0,
  },
  // Shells
  {
    needs: 'base64',
    is: new RegExp(
      `echo\\s{1,4}(?:-n\\s{1,4})?['"]?${blob}{80}[^\\n|]{0,9999}\\|\\s{0,4}base64\\s{1,4}(?:-d|--decode|-di)\\b[^\\n|]{0,40}\\|\\s{0,4}(?:/bin/)?(?:ba|da|z)?sh\\b`,
    ),
    hidden: 0,
  },
  // Python
  {
    needs: 'b64decode',
    is: new RegExp(
      `\\bexec${opened}(?:(?:zlib\\.decompress|marshal\\.loads|bz2\\.decompress|lzma\\.decompress|__import__${opened}['"]\\w{1,10}['"]\\s{0,4}\\)\\.\\w{1,20})${opened}){0,3}(?:\\w{1,20}\\.)?b64decode${opened}b?['"]`,
    ),
    hidden: 200,
  },
]

const ofCharacters: ReadonlySet<string> = new Set(['unescape', 'fromcharcode', 'execute'])
const characterForms = allForms.filter(({ needs }) => ofCharacters.has(needs))
const blobForms = allForms.filter(({ needs }) => !ofCharacters.has(needs))

/** The shortest hidden data that any form but those of single characters has. */
const shortestBlob = 80

export const decodedScript: Heuristic = ({ text, readable, subject }) => {
  const forms = base64Run(readable, shortestBlob) === null ? characterForms : [...characterForms, ...blobForms]
  const form = forms.find(({ needs, is }) => text.includes(needs) && is.test(text))
  if (form === undefined || (form.hidden > 0 && base64Run(readable, form.hidden) === null)) return null
  // Guides quote such lines.
  if (subject.format === 'text' && /^\s{0,8}#{1,6} [^\n]{1,100}\n[\s\S]{0,4000}```/.test(text)) return null
  return suspicion({
    threat: 'Script.HiddenCode',
    verdict: 'probably-infected',
    because: 'A script that unpacks hidden code and runs it at once.',
  })
}
