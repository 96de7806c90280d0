// Texts whose lines end with a carriage return alone: programs of old Macintosh computers wrote them, and mail programs still
// read them. Places stay what they are, so that what is found in such lines can be named and cut in the text itself.

const [lineFeed, carriageReturn] = [0x0a, 0x0d]

/** The same text with line feeds in the place of lone carriage returns; the very bytes where its first line ends otherwise. */
export function withLineFeeds(text: Buffer): Buffer {
  return hasLoneReturns(text) ? replaced(text) : text
}

/** True when the first line that is not empty ends with carriage returns that no line feed follows. */
export function hasLoneReturns(text: Buffer): boolean {
  let start = 0
  while (start < text.length && isPassed(text[start] ?? 0)) start += 1
  const feed = text.indexOf(lineFeed, start)
  const line = text.subarray(start, feed === -1 ? text.length : feed)
  const end = line.indexOf(carriageReturn)
  return end !== -1 && endOfReturns(text, start + end) !== feed
}

function replaced(text: Buffer): Buffer {
  const copy = Buffer.from(text)
  for (let at = copy.indexOf(carriageReturn); at !== -1; ) {
    const end = endOfReturns(copy, at)
    if (copy[end] !== lineFeed) copy.fill(lineFeed, at, end)
    at = copy.indexOf(carriageReturn, end)
  }
  return copy
}

/** Several in a row, then a line feed: that is one line end, as careless programs make them. */
function endOfReturns(text: Buffer, from: number): number {
  let at = from
  while (text[at] === carriageReturn) at += 1
  return at
}

/** Zeros and line ends before the first line. */
function isPassed(byte: number): boolean {
  return byte === 0 || byte === lineFeed || byte === carriageReturn
}
