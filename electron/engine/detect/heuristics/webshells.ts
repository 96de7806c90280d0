// Server pages (PHP, JSP, ASP, ASPX) in which what a visitor sends is run as a command or as code.
// Looks for the direct way from request to execution only: code that merely reads requests is ordinary.
import { type Heuristic, suspicion } from './suspicion.ts'

const request = String.raw`\$_(?:get|post|request|cookie|files|server\s{0,4}\[\s{0,4}['"]http_)`
const decoders = String.raw`(?:(?:base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes|urldecode|hex2bin|trim)\s{0,4}\(\s{0,4}){0,4}`
const runners = 'eval|assert|system|passthru|shell_exec|exec|popen|proc_open|create_function|pcntl_exec'
const php: readonly RegExp[] = [
  new RegExp(String.raw`\b(?:${runners})\s{0,8}\(\s{0,8}@?${decoders}@?${request}`),
  // A request that is called like a function.
  new RegExp(String.raw`[;{}@?\s]\$_(?:get|post|request|cookie)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}@?${request}`),
  new RegExp(`\`\\s{0,4}\\{?${request}`),
]
const page: readonly RegExp[] = [
  /getruntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,4}request\s{0,4}\.\s{0,4}getparameter/,
  /new\s{1,4}processbuilder\s{0,4}\(\s{0,4}request\s{0,4}\.\s{0,4}getparameter/,
  /\b(?:eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}(?:\.\s{0,4}(?:item|form|querystring)\s{0,4})?[([]/,
  /\bprocess\s{0,4}\.\s{0,4}start\s{0,4}\(\s{0,4}(?:"[^"\n]{0,40}"\s{0,4},\s{0,4})?(?:"[^"\n]{0,40}"\s{0,4}\+\s{0,4})?request\s{0,4}[.[(]/,
]

export const webshell: Heuristic = ({ text }) => {
  const isPhp = text.includes('<?php') || text.includes('<?=')
  const isPage = text.includes('<%') || text.includes('<script runat=')
  if (!(isPhp && php.some((way) => way.test(text))) && !(isPage && page.some((way) => way.test(text)))) return null
  return suspicion({
    threat: 'Script.Webshell',
    verdict: 'probably-infected',
    because: 'A server page that runs what a visitor sends to it.',
  })
}
