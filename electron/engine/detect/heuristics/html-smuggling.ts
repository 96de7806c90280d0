// Pages and pictures (HTML, SVG) that carry a file in themselves, build it in the browser and start its download, so that
// no gateway sees it pass. Pages with embedded libraries do each part of that; the sizes tell them apart.
import { base64Run, type Heuristic, type Suspect, suspicion } from './suspicion.ts'

const shortestBlob = 4000
/** A page that smuggles has little else: its own text beside the data. */
const longestRest = 24_000
const mostRuns = 50
/** How programs, archives, disk images' covers, shortcuts and old documents begin in base64. */
const payload = /^(?:TV[pqroA]|UEsDB|UmFyIR|N3q8r|TAAAAAEUAg|0M8R4KGx|TVNDRg|f0VMRg)/
/** Pictures, fonts and styles are carried by ordinary pages. */
const carried =
  /(?:data:(?:image|font|audio|video|text|application\/(?:x-)?font)[\w/.+;=-]{0,60},|sourcemappingurl=\S{0,80},|integrity=["']?sha\d{3}-)$/i
const quotedPiece = /['"`][A-Za-z0-9+/=_-]{40,}['"`]/g
const numbers = /\[(?:\s{0,2}(?:0x[0-9a-f]{1,2}|\d{1,3})\s{0,2},){1000}/
const link = /href\s{0,4}=\s{0,4}["']data:application\/[\w.+-]{1,40};base64,/

export const htmlSmuggling: Heuristic = (suspect) => {
  const { text } = suspect
  if (!text.includes('<script') && !text.includes('<svg') && !text.includes('<html')) return null
  if (!isBuilt(text) && !isLinked(text)) return null
  const data = carriedData(suspect)
  if (data === null) return null
  return suspicion({
    threat: 'Html.Smuggling',
    verdict: data === 'file' ? 'probably-infected' : 'risky',
    because: 'A page that builds a file out of its own text and starts the download of it.',
  })
}

/** Makes a file of data and gives it to the browser to be saved. */
function isBuilt(text: string): boolean {
  const saves = text.includes('mssaveoropenblob') || text.includes('mssaveblob')
  const starts =
    /\bclick['"]?\]?\s{0,4}\(\s{0,4}\)/.test(text) ||
    /location(?:\.href)?\s{0,4}=\s{0,4}(?:window\.)?url\W{1,4}createobjecturl/.test(text)
  const names = /\.download\b|['"]download['"]|\bnew\s{1,4}file\s{0,4}\(/.test(text)
  if (!saves && !(text.includes('createobjecturl') && starts && names)) return false
  return (
    /\b(?:blob|file)\s{0,4}\(/.test(text) &&
    (/\batob\s{0,4}\(|uint8array|charcodeat/.test(text) || text.includes('fetch('))
  )
}

/** Carries it as an address, and follows that by itself. */
function isLinked(text: string): boolean {
  return link.test(text) && /\sdownload\s{0,4}=/.test(text) && /\bclick['"]?\]?\s{0,4}\(\s{0,4}\)/.test(text)
}

/** `file`: it begins as a file that can be run or opened. Null when there is too little of it. */
function carriedData({ readable, text }: Suspect): 'file' | 'unknown' | null {
  let longest = 0
  let from = 0
  for (let count = 0; count < mostRuns; count += 1) {
    const run = base64Run(readable, shortestBlob, from)
    if (run === null) break
    from = run.end
    const isLink = link.test(text.slice(Math.max(0, run.start - 100), run.start))
    if (!isLink && carried.test(readable.slice(Math.max(0, run.start - 120), run.start))) continue
    if (payload.test(readable.slice(run.start, run.start + 16))) return 'file'
    longest = Math.max(longest, run.end - run.start)
  }
  const pieces = longest > 0 ? [] : (readable.match(quotedPiece) ?? [])
  const together = pieces.reduce((sum, { length }) => sum + length, 0)
  const inPieces = together >= shortestBlob ? together : 0
  if (inPieces > 0 && payload.test(pieces[0]?.slice(1) ?? '')) return 'file'
  const size = Math.max(longest, inPieces, numbers.exec(text)?.[0].length ?? 0)
  return size > 0 && readable.length - size <= longestRest ? 'unknown' : null
}
