// Shortcuts of Windows (shell links) that start a script host with something hidden, encoded or downloaded.
// Reads the structure as MS-SHLLINK describes it; never resolves or opens what a shortcut points to.
import { type Heuristic, suspicion } from './suspicion.ts'

export interface ShellLink {
  /** Every path it names: relative, local, from variables, from its item list. */
  readonly targets: readonly string[]
  readonly arguments: string
}

const headerBytes = 0x4c
const classId = Buffer.from('0114020000000000c000000000000046', 'hex')
const mostCharacters = 8192
const flag = { idList: 1, linkInfo: 2, name: 4, relative: 8, folder: 16, arguments: 32, icon: 64, unicode: 128 }
const variablesBlock = 0xa0000001

export function isShellLink(bytes: Buffer): boolean {
  return bytes.length >= headerBytes && bytes.readUInt32LE(0) === headerBytes && classId.equals(bytes.subarray(4, 20))
}

/** Null when it is no shell link. What is cut off is left out. */
export function readShellLink(bytes: Buffer): ShellLink | null {
  if (!isShellLink(bytes)) return null
  const flags = bytes.readUInt32LE(20)
  const targets: string[] = []
  let at = headerBytes
  if ((flags & flag.idList) !== 0) {
    const length = uint16(bytes, at)
    targets.push(itemText(bytes.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  if ((flags & flag.linkInfo) !== 0) {
    const length = uint32(bytes, at)
    targets.push(localPath(bytes.subarray(at, at + length)))
    at += Math.max(4, length)
  }
  let given = ''
  for (const part of ['name', 'relative', 'folder', 'arguments', 'icon'] as const) {
    if ((flags & flag[part]) === 0) continue
    const width = (flags & flag.unicode) === 0 ? 1 : 2
    const characters = uint16(bytes, at)
    const end = at + 2 + characters * width
    const text = bytes.toString(width === 2 ? 'utf16le' : 'latin1', at + 2, Math.min(end, at + 2 + mostCharacters * 2))
    if (part === 'arguments') given = text
    if (part === 'relative') targets.push(text)
    at = end
  }
  targets.push(variablePath(bytes, at))
  return { targets: targets.filter((target) => target !== ''), arguments: given }
}

const host =
  /(?:^|[\\/\s"\0%&|(])(powershell|pwsh|cmd|comspec|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|forfiles|conhost|curl|ssh|pcalua|wmic|msbuild|installutil)(?:\.exe)?(?:$|[\s"\0%&|)])/i
/** What ordinary shortcuts to these programs have no use for. */
const signs: readonly RegExp[] = [
  /\s[-/\u2013-\u2015]e(?:c|n[a-z]{0,13})?\s+["']?[a-z0-9+/=]{40}/i,
  /frombase64string|invoke-expression|\biex\b|downloadstring|downloadfile|invoke-webrequest|\biwr\b|net\.webclient/i,
  /\bmshta(?:\.exe)?["\s]+(?:https?:|vbscript:|javascript:|\\\\)/i,
  /^\s*"?(?:https?:|vbscript:|javascript:)/i,
  /\b(?:certutil[^|&]{0,80}-urlcache|bitsadmin[^|&]{0,80}\/transfer|curl(?:\.exe)?\s[^|&]{0,200}https?:)/i,
  /\/i:https?:|scrobj\.dll|javascript:|vbscript:/i,
  /\s[-/\u2013-\u2015]w(?:i[a-z]{0,9})?\s+["']?(?:h[a-z]{0,5}|1)\b[\s\S]{0,400}(?:https?:|\.ps1|\.vbs|\.js|\.hta|\.bat|\$)/i,
  /\b(?:wscript|cscript)(?:\.exe)?\s[\s\S]{0,200}\.(?:pdf|jpe?g|png|docx?|txt|dat|tmp)\b/i,
  // A program on a server that is reached like a page.
  /\\\\[^\s\\"]{1,255}@(?:ssl|\d{1,5})[\\@]/i,
  // Takes what it runs out of the shortcut itself.
  /\b(?:findstr|more|type|copy|get-content|gc|select-string|substring|readallbytes)\b[\s\S]{0,300}\.lnk\b/i,
  /\b(?:msbuild|installutil|wmic)\b[\s\S]{0,200}(?:\.xsl\b|\\temp\\|https?:)/i,
]

/** A shortcut that starts a script host with encoded, hidden or downloaded commands. */
export const scriptLink: Heuristic = ({ subject: { bytes } }) => {
  const link = readShellLink(bytes)
  if (link === null) return null
  const given = link.arguments
  const isHost = link.targets.some((target) => host.test(target)) || host.test(given)
  if (!isHost) return null
  // Blanks push the command out of the properties window, which shows 260 characters.
  const isPushed = /\s{200}/.test(given)
  // Marks inside of words are left out by the shell.
  const plain = ` ${given.replace(/\^/g, '')}`
  if (!isPushed && !signs.some((sign) => sign.test(plain))) return null
  return suspicion({
    threat: 'Link.ScriptHost',
    verdict: 'probably-infected',
    because: 'A shortcut that starts a script host with hidden, encoded or downloaded commands.',
  })
}

/** Names in an item list are text among numbers: only the printable parts, in both widths. */
function itemText(items: Buffer): string {
  const start = items.subarray(0, 4096)
  return `${start.toString('latin1')} ${start.toString('latin1').replaceAll('\0', '')}`.replace(/[^\x20-\x7e]+/g, ' ')
}

function localPath(info: Buffer): string {
  const start = uint32(info, 16)
  if (info.length < 28 || start === 0 || start >= info.length) return ''
  const end = info.indexOf(0, start)
  return info.toString('latin1', start, Math.min(end === -1 ? info.length : end, start + 1024))
}

/** The target in the block for variables; blocks follow each other until one is too short to be one. */
function variablePath(bytes: Buffer, from: number): string {
  let at = from
  for (let blocks = 0; blocks < 16; blocks += 1) {
    const size = uint32(bytes, at)
    if (size < 8 || at + size > bytes.length) return ''
    if (uint32(bytes, at + 4) === variablesBlock)
      return bytes.toString('latin1', at + 8, Math.min(at + size, at + 268)).replace(/\0[\s\S]*$/, '')
    at += size
  }
  return ''
}

function uint16(bytes: Buffer, at: number): number {
  return at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0
}

function uint32(bytes: Buffer, at: number): number {
  return at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0
}
