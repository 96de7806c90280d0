// Pages and pictures (HTML, SVG) that carry a file in themselves, build it in the browser and start its download, so that
// no gateway sees it pass. Pages with embedded libraries do each part of that; the sizes tell them apart.
import { base64Run, type Heuristic, suspicion } from './suspicion.ts'

const shortestBlob = 4000
/** A page that smuggles has little else: its own text beside the data. */
const longestRest = 24_000
/** How programs, archives, disk images' covers, shortcuts and old documents begin in base64. */
const payload = /^(?:TV[pqroA]|UEsDB|UmFyIR|N3q8r|TAAAAAEUAg|0M8R4KGx|TVNDRg|f0VMRg)/

export const htmlSmuggling: Heuristic = ({ text, readable }) => {
  if (!text.includes('<script') && !text.includes('<svg') && !text.includes('<html')) return null
  const saves = text.includes('mssaveoropenblob') || text.includes('mssaveblob')
  const makes =
    text.includes('createobjecturl') && text.includes('.click()') && /\.download\b|['"]download['"]/.test(text)
  if ((!saves && !makes) || !text.includes('blob(') || !/\batob\s{0,4}\(|uint8array|charcodeat/.test(text)) return null
  const run = base64Run(readable, shortestBlob)
  if (run === null) return null
  const isKnown = payload.test(readable.slice(run.start, run.start + 16))
  if (!isKnown && readable.length - (run.end - run.start) > longestRest) return null
  return suspicion({
    threat: 'Html.Smuggling',
    verdict: isKnown ? 'probably-infected' : 'risky',
    because: 'A page that builds a file out of its own text and starts the download of it.',
  })
}
