// Server pages (PHP, JSP, ASP, ASPX) in which what a visitor sends is run as a command or as code.
// Looks for the way from request to execution, direct or by one variable: code that merely reads requests is ordinary.
import { type Form, isSaid, withoutComments } from './forms.ts'
import { type Heuristic, suspicion } from './suspicion.ts'

const request = String.raw`\$_(?:get|post|request|cookie|files|server\s{0,4}\[\s{0,4}['"]http_)`
const decoders = String.raw`(?:(?:base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes|urldecode|hex2bin|trim)\s{0,4}\(\s{0,4}){0,4}`
const names = 'eval|assert|system|passthru|shell_exec|exec|popen|proc_open|create_function|pcntl_exec'
/** Not the method of an object: databases have an \`exec\` too. */
const runners = String.raw`(?<![>:$\w])(?:${names})\s{0,8}\(\s{0,8}`
const sent = `@?${decoders}@?${request}`
const callers =
  'array_map|array_filter|array_walk|call_user_func(?:_array)?|usort|uasort|register_shutdown_function|register_tick_function'
const assigned = String.raw`\$(\w{1,30})\s{0,4}=\s{0,4}`
const php: readonly RegExp[] = [
  new RegExp(runners + sent),
  // A request that is called like a function, or names the function.
  new RegExp(String.raw`[;{}@?\s]\$_(?:get|post|request|cookie)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}@?${request}`),
  new RegExp(String.raw`${assigned}@?${request}[^;\n]{0,60};[\s\S]{0,200}?@?\$\1\s{0,4}\(\s{0,4}${sent}`),
  new RegExp(`\`\\s{0,4}\\{?${request}`),
  new RegExp(
    String.raw`${assigned}${sent}[^;\n]{0,80};[\s\S]{0,400}?${runners}(?:["'][^"'\n]{0,40}["']\s{0,4}\.\s{0,4})?@?\$\1\s{0,4}[).,]`,
  ),
  // By the name of a function as text, whole or in pieces.
  new RegExp(
    String.raw`\b(?:${callers})\s{0,4}\(\s{0,4}['"](?:${names})['"]\s{0,4},\s{0,4}(?:\(array\)\s{0,4}|array\s{0,4}\(\s{0,4}|\[\s{0,4})?${sent}`,
  ),
  new RegExp(
    String.raw`\b(?:${callers})\s{0,4}\(\s{0,4}(?:\(array\)\s{0,4}|array\s{0,4}\(\s{0,4}|\[\s{0,4})?${sent}[^;\n]{0,60},\s{0,4}['"](?:${names})['"]`,
  ),
  new RegExp(
    String.raw`${assigned}(?:['"][a-z_]{1,12}['"]\s{0,4}\.\s{0,4}){1,8}['"][a-z_]{1,12}['"]\s{0,4};[\s\S]{0,200}?\$\1\s{0,4}\(\s{0,4}${sent}`,
  ),
  new RegExp(
    String.raw`\bpreg_replace\s{0,4}\(\s{0,4}['"]([/#~@|])[^'"\n]{0,80}\1[a-z]{0,4}e[a-z]{0,4}['"]\s{0,4},\s{0,4}${sent}`,
  ),
  // Any content into any file.
  new RegExp(String.raw`\bfile_put_contents\s{0,4}\(\s{0,4}@?${request}[^,;\n]{1,60},\s{0,4}${sent}`),
]

const parameter = String.raw`request\s{0,4}\.\s{0,4}get(?:parameter|header)`
const page: readonly RegExp[] = [
  new RegExp(String.raw`getruntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,4}${parameter}`),
  new RegExp(String.raw`new\s{1,4}processbuilder\s{0,4}\(\s{0,4}${parameter}`),
  new RegExp(
    String.raw`(\w{1,30})\s{0,4}=\s{0,4}${parameter}\s{0,4}\([^)\n]{1,40}\)\s{0,4};[\s\S]{0,600}?(?:\.\s{0,4}exec|new\s{1,4}processbuilder)\s{0,4}\([^;\n]{0,80}\b\1\b`,
  ),
  /\b(?:eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}(?:\.\s{0,4}(?:item|form|querystring)\s{0,4})?[([]/,
  /\bprocess\s{0,4}\.\s{0,4}start\s{0,4}\(\s{0,4}(?:"[^"\n]{0,40}"\s{0,4},\s{0,4})?(?:"[^"\n]{0,40}"\s{0,4}\+\s{0,4})?request\s{0,4}[.[(]/,
  /\.\s{0,4}(?:exec|run)\s{0,4}\([^)\n]{0,80}\brequest\s{0,4}[([.]/,
  /\bassembly\s{0,4}\.\s{0,4}load\s{0,4}\([^;\n]{0,120}\brequest\s{0,4}[.[(]/,
]

const longer: readonly Form[] = [
  // A class that comes with the request, encrypted.
  {
    needs: ['defineclass('],
    all: [/\b(?:cipher|base64)/, /request\s{0,4}\.\s{0,4}get(?:reader|parameter|inputstream)/],
  },
  // A shell that gets whatever a field of the page holds.
  {
    needs: ['processstartinfo'],
    all: [
      /(?:\.filename\s{0,4}=|processstartinfo\s{0,4}\()\s{0,4}["'](?:cmd|powershell)(?:\.exe)?["']/,
      /\.arguments\s{0,4}=\s{0,4}["'](?:\/c|-c)\w{0,10}\s{0,4}["']\s{0,4}\+/,
    ],
  },
]

export const webshell: Heuristic = (suspect) => {
  const { text } = suspect
  const hasScript = text.includes('<script')
  const isPhp =
    (text.includes('<?') && /<\?(?:php|=|\s)/.test(text)) || (hasScript && /<script[^>]{0,80}["']?php\b/.test(text))
  const isPage = text.includes('<%') || (hasScript && /<script[^>]{0,80}\srunat\s{0,4}=/.test(text))
  if (!isPhp && !isPage) return null
  const code = withoutComments(text)
  const isShell =
    (isPhp && php.some((way) => way.test(code))) ||
    (isPage && (page.some((way) => way.test(code)) || longer.some((form) => isSaid(form, code, suspect))))
  if (!isShell) return null
  return suspicion({
    threat: 'Script.Webshell',
    verdict: 'probably-infected',
    because: 'A server page that runs what a visitor sends to it.',
  })
}
