// The ways in which scripts run what they have just unpacked, language by language.
// Without a decoder directly inside of the execution, or one variable away from it, nothing is said here.
import type { Form } from './forms.ts'

const opened = String.raw`\s{0,4}\(\s{0,4}`
const blob = '[a-z0-9+/=]'
const shells = String.raw`(?:/(?:usr/)?bin/)?(?:ba|da|z)?sh\b`

const jsRunner = String.raw`(?:\beval|\bnew\s{1,4}function|\bfunction|\bexecscript|\bset(?:timeout|interval)|,\s{0,4}eval\s{0,4}\)|\[\s{0,4}['"]eval['"]\s{0,4}\])`
const javascript: readonly Form[] = [
  {
    needs: ['atob'],
    all: [
      new RegExp(
        String.raw`${jsRunner}${opened}(?:(?:decodeuricomponent|unescape|escape)${opened}){0,2}(?:\w{1,10}\.)?atob${opened}(?:['"]${blob}{200}|\w{1,40}\s{0,4}\)\s{0,4}\))`,
      ),
    ],
    hidden: 200,
  },
  {
    needs: ['unescape'],
    all: [
      new RegExp(String.raw`(?:${jsRunner}|document\.write)${opened}unescape${opened}['"](?:%u?[0-9a-f]{2,4}){100}`),
    ],
  },
  {
    needs: ['fromcharcode'],
    all: [
      new RegExp(
        String.raw`${jsRunner}${opened}string\.fromcharcode(?:\.apply${opened}\w{1,10}\s{0,4},\s{0,4}\[|${opened})(?:\s{0,2}(?:0x)?[0-9a-f]{1,5}\s{0,2},){60}`,
      ),
    ],
  },
  { needs: ['buffer.from'], all: [new RegExp(String.raw`${jsRunner}${opened}buffer\.from${opened}['"]${blob}{200}`)] },
  // Nothing but brackets: a way to write any code.
  { needs: ['(![]+[])'], all: [/(?:^|[^[\]()!+])[[\]()!+]{600}/] },
]

const phpWrappers = 'gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode|urldecode|convert_uudecode|trim'
const phpDecoder = `(?:(?:${phpWrappers})${opened}){0,4}(?:base64_decode|hex2bin)${opened}`
const phpRunner = String.raw`\b(?:eval|assert)${opened}(?:['"]\s{0,4}\?>\s{0,4}['"]\s{0,4}\.\s{0,4})?`
const php: readonly Form[] = ['base64_decode', 'hex2bin'].flatMap((decoder) => [
  { needs: [decoder], all: [new RegExp(`${phpRunner}@?${phpDecoder}['"$]`)], hidden: 200 },
  {
    needs: [decoder],
    all: [
      new RegExp(String.raw`['"]${decoder}['"]\s{0,4};[\s\S]{0,400}?${phpRunner}(?:\$\w{1,30}${opened}){1,3}['"$]`),
    ],
    hidden: 200,
  },
])

const iex = String.raw`(?:\biex\b|invoke-expression)`
const powershell: readonly Form[] = ['powershell', 'pwsh'].map((needs) => ({
  needs: [needs],
  // A dash may be one of three others too.
  all: [
    new RegExp(
      String.raw`${needs}(?:\.exe)?["']?\s[^\n]{0,200}(?:[-/]|\xe2\x80[\x93-\x95])e(?:c|n[a-z]{0,13})?\s{1,4}["']?${blob}{100}`,
    ),
  ],
}))
const powershellDecoded: readonly Form[] = [
  {
    needs: ['frombase64string'],
    all: [new RegExp(String.raw`${iex}[^\n]{0,300}frombase64string|frombase64string[^\n]{0,2000}\|\s{0,4}${iex}`)],
    hidden: 200,
  },
  {
    needs: ['frombase64string'],
    all: [/(?:gzip|deflate)stream/, new RegExp(String.raw`${iex}|assembly\]?::load\s{0,4}\(`)],
    hidden: 200,
  },
  {
    needs: ['frombase64string'],
    all: [/reflection\.assembly\]?::load\s{0,4}\(/, /entrypoint|\.invoke\s{0,4}\(/],
    hidden: 200,
  },
]

const visualBasic: readonly Form[] = [
  {
    needs: ['execute'],
    all: [/\bexecute(?:global)?[\s(]{1,4}(?:chrw?\s{0,2}\(\s{0,2}[^()\n]{1,20}\)\s{0,2}&\s{0,2}){40}/],
  },
  {
    needs: ['execute', 'mid'],
    all: [/\bexecute(?:global)?[\s(]{1,4}\w/, /\bchrw?\s{0,4}\([^\n]{0,40}\bmid\s{0,4}\(/],
    hidden: 400,
  },
]

const decoded = String.raw`base64\s{1,4}(?:-d|-di|--decode)\b`
const shell: readonly Form[] = [
  {
    needs: ['base64', 'echo'],
    all: [
      new RegExp(
        String.raw`echo\s{1,4}(?:-n\s{1,4})?['"]?${blob}{80}[^\n|]{0,9999}\|\s{0,4}${decoded}[^\n|]{0,40}(?:\|\s{0,4}[\w./-]{1,20}(?:\s{1,4}-\w{1,10}){0,3}\s{0,4}){0,2}\|\s{0,4}${shells}`,
      ),
    ],
  },
  {
    needs: ['base64', '<<<'],
    all: [new RegExp(String.raw`${decoded}\s{0,4}<<<\s{0,4}['"]?${blob}{80}[^\n|]{0,9999}\|\s{0,4}${shells}`)],
  },
  {
    needs: ['base64', '$('],
    all: [
      new RegExp(
        String.raw`(?:\beval|\b(?:ba|da|z)?sh\s{1,4}-c)\s{1,4}["']?\$\(\s{0,4}(?:echo\s{1,4}(?:-n\s{1,4})?['"]?${blob}{80}[^\n|]{0,9999}\|\s{0,4}${decoded}|${decoded}\s{0,4}<<<\s{0,4}['"]?${blob}{80})`,
      ),
    ],
  },
]

const imported = String.raw`__import__${opened}['"]\w{1,10}['"]\s{0,4}\)\s{0,4}\.\s{0,4}`
const pyWrappers = String.raw`(?:(?:(?:${imported}|\w{1,20}\.)?(?:decompress|loads)|compile|bytes|str)${opened}){0,4}`
const python: readonly Form[] = [
  {
    needs: ['code('],
    all: [
      new RegExp(
        String.raw`\bexec${opened}${pyWrappers}(?:${imported}|\w{1,20}\.)?b(?:64|32|85)decode${opened}(?:b?['"]|\w)`,
      ),
    ],
    hidden: 200,
  },
  {
    needs: ['[::-1]', 'lambda'],
    all: [/lambda\s{1,4}\w{1,10}\s{0,4}:[^\n]{0,160}b64decode\s{0,4}\(\s{0,4}\w{1,10}\[::-1\]/, /\bexec\s{0,4}\(/],
    hidden: 200,
  },
  { needs: ['fernet('], all: [/\bexec\s{0,4}\(\s{0,4}fernet\s{0,4}\([^)\n]{1,120}\)\s{0,4}\.\s{0,4}decrypt\s{0,4}\(/] },
  {
    needs: ['fromhex'],
    all: [new RegExp(String.raw`\bexec${opened}${pyWrappers}bytes\.fromhex${opened}['"][0-9a-f]{200}`)],
  },
]

const others: readonly Form[] = [
  {
    needs: ['eval', 'decode'],
    all: [
      new RegExp(
        String.raw`\beval\s{0,4}\(?\s{0,4}(?:decode_base64|base64\.(?:strict_|urlsafe_)?decode64)${opened}['"]`,
      ),
    ],
    hidden: 200,
  },
]

/** Of code that is made of single characters: there is no run of data to look for. */
const ofCharacters: ReadonlySet<string> = new Set(['unescape', 'fromcharcode', 'execute', '(![]+[])'])
/** One pass over a text instead of one for each of them. */
export const anyOfCharacters = /unescape|fromcharcode|execute|\(!\[\]\+\[\]\)/
const all = [...javascript, ...php, ...powershell, ...powershellDecoded, ...visualBasic, ...shell, ...python, ...others]
export const characterForms = all.filter(({ needs: [first = ''] }) => ofCharacters.has(first))
/** Those that hold a run of at least `shortestBlob` characters. */
export const blobForms = all.filter(({ needs: [first = ''] }) => !ofCharacters.has(first))
export const shortestBlob = 80

/** A variable that gets what was decoded, and what then has to be in the text for it to be run. */
export const decodedVariables: readonly {
  readonly needs: string
  readonly assigned: RegExp
  readonly run: (name: string) => RegExp
}[] = [
  {
    needs: 'base64_decode',
    assigned: new RegExp(String.raw`\$(\w{1,30})\s{0,4}=\s{0,4}@?${phpDecoder}`, 'g'),
    run: (name) => new RegExp(String.raw`${phpRunner}\$${name}\s{0,4}\)`),
  },
  {
    needs: 'b64decode',
    assigned: new RegExp(
      String.raw`\b([a-z_]\w{0,30})\s{0,4}=\s{0,4}${pyWrappers}(?:${imported}|\w{1,20}\.)?b64decode${opened}`,
      'g',
    ),
    run: (name) => new RegExp(String.raw`\bexec${opened}${name}\s{0,4}[),.]`),
  },
  {
    needs: 'atob',
    assigned: new RegExp(String.raw`\b([a-z_$]\w{0,30})\s{0,4}=\s{0,4}(?:\w{1,10}\.)?atob${opened}`, 'g'),
    run: (name) => new RegExp(String.raw`\beval${opened}${name.replace('$', String.raw`\$`)}\s{0,4}\)`),
  },
]
