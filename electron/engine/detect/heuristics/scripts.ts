// Scripts that unpack long hidden data and run it at once. Minified and bundled code does not: it is readable code in
// one line. The ways are in script-forms.ts.
import { isSaid, withoutMarks } from './forms.ts'
import { anyOfCharacters, blobForms, characterForms, decodedVariables, shortestBlob } from './script-forms.ts'
import { base64Run, type Heuristic, type Suspect, suspicion } from './suspicion.ts'

/** Hidden data of a variable. */
const shortestHidden = 200
const mostVariables = 20

export const decodedScript: Heuristic = (suspect) => {
  const { subject, text, readable } = suspect
  if (text === '') return null
  const hasBlob = base64Run(readable, shortestBlob) !== null
  const plain = withoutMarks(text)
  const forms = [...(anyOfCharacters.test(plain) ? characterForms : []), ...(hasBlob ? blobForms : [])]
  const isHidden = forms.some((form) => isSaid(form, plain, suspect)) || (hasBlob && isRunLater(suspect))
  if (!isHidden) return null
  // Guides quote such lines.
  if (subject.format === 'text' && /^\s{0,8}#{1,6} [^\n]{1,100}\n[\s\S]{0,4000}```/.test(text)) return null
  return suspicion({
    threat: 'Script.HiddenCode',
    verdict: 'probably-infected',
    because: 'A script that unpacks hidden code and runs it at once.',
  })
}

/** Unpacked into a variable first. */
function isRunLater({ text, readable }: Suspect): boolean {
  return decodedVariables.some(({ needs, assigned, run }) => {
    if (!text.includes(needs) || base64Run(readable, shortestHidden) === null) return false
    const names = new Set<string>()
    for (const [, name = ''] of text.matchAll(assigned)) {
      names.add(name)
      if (names.size >= mostVariables) break
    }
    return [...names].some((name) => run(name).test(text))
  })
}
