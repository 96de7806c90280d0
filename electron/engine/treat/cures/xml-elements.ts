// Takes whole elements out of small XML lists (content types, relationships, manifests) and leaves every other character as
// it is. Reads in one pass; what is not plain well-formed XML, or has a document type, is refused, never guessed at.

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** Values by names without prefix, entities resolved. */
  readonly attributes: ReadonlyMap<string, string>
}

interface OpenElement {
  readonly name: string
  /** Where what goes begins; undefined for an element that stays. */
  readonly goneFrom: number | undefined
}

interface Tag {
  readonly kind: 'open' | 'empty' | 'close'
  /** As written, with its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly end: number
}

/** The text without the elements that `isGone` names; undefined when it is no XML that we read. */
export function withoutElements(xml: string, isGone: (element: XmlElement) => boolean): string | undefined {
  const kept: string[] = []
  const open: OpenElement[] = []
  let from = 0
  /** Depth of the element that goes; elements inside of it go along. */
  let gone = 0
  for (let at = xml.indexOf('<'); at !== -1; ) {
    const skipped = skippedTo(xml, at)
    if (skipped === undefined) return undefined
    const tag = skipped > at ? undefined : tagAt(xml, at)
    if (skipped === at && tag === undefined) return undefined
    if (tag !== undefined) {
      const goes =
        tag.kind !== 'close' && gone === 0 && isGone({ name: localName(tag.name), attributes: tag.attributes })
      if (goes) kept.push(xml.slice(from, at))
      if (goes && tag.kind === 'empty') from = tag.end
      if (tag.kind === 'open') {
        open.push({ name: tag.name, goneFrom: goes ? at : undefined })
        if (goes) gone = open.length
      }
      if (tag.kind === 'close') {
        if (open.at(-1)?.name !== tag.name) return undefined
        if (open.length === gone) {
          gone = 0
          from = tag.end
        }
        open.pop()
      }
    }
    at = xml.indexOf('<', tag?.end ?? skipped)
  }
  return open.length === 0 ? kept.join('') + xml.slice(from) : undefined
}

/** Where a comment, CDATA or instruction that begins here ends; the same place for a tag; undefined for what is refused. */
function skippedTo(xml: string, at: number): number | undefined {
  for (const [begin, end] of [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const) {
    if (!xml.startsWith(begin, at)) continue
    const found = xml.indexOf(end, at + begin.length)
    return found === -1 ? undefined : found + end.length
  }
  return xml.startsWith('<!', at) ? undefined : at
}

const namePattern = /[A-Za-z_][\w.\-:]{0,200}/y
const attributePattern = /\s+([A-Za-z_][\w.\-:]{0,200})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const endPattern = /\s*(\/?)>/y

function tagAt(xml: string, at: number): Tag | undefined {
  const isClose = xml[at + 1] === '/'
  const name = matchAt(namePattern, xml, at + (isClose ? 2 : 1))
  if (name === null) return undefined
  let place = name.index + name[0].length
  const attributes = new Map<string, string>()
  for (
    let found = matchAt(attributePattern, xml, place);
    found !== null;
    found = matchAt(attributePattern, xml, place)
  ) {
    const value = decoded(found[2] ?? found[3] ?? '')
    const key = localName(found[1] ?? '')
    if (value === undefined || isClose) return undefined
    // `xmlns:a` and `a` are no two values of one attribute; a second real one is no XML.
    if (attributes.has(key) && !(found[1] ?? '').startsWith('xmlns')) return undefined
    if (!(found[1] ?? '').startsWith('xmlns')) attributes.set(key, value)
    place = found.index + found[0].length
  }
  const end = matchAt(endPattern, xml, place)
  if (end === null || (isClose && end[1] === '/')) return undefined
  const kind = isClose ? 'close' : end[1] === '/' ? 'empty' : 'open'
  return { kind, name: name[0], attributes, end: end.index + end[0].length }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

const entities: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['apos', "'"],
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
])

/** Undefined for an entity that only a document type could name. */
function decoded(text: string): string | undefined {
  let isKnown = true
  const plain = text.replace(/&([^;&\s]{0,20})(;?)/g, (_, name: string, end: string) => {
    const known = end === ';' ? (entities.get(name) ?? numbered(name)) : undefined
    if (known === undefined) isKnown = false
    return known ?? ''
  })
  return isKnown ? plain : undefined
}

function numbered(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? []
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)
  return Number.isNaN(code) || code > 0x10ffff ? undefined : String.fromCodePoint(code)
}
