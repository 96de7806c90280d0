// Undoes the character references of pages (`&#100;`, `&colon;`), which browsers undo before they read an address.
// Source: the HTML standard, 13.2.5.72. Knows the names of ASCII only; never tells apart where in a page one stands.

const reference = /&(?:#(?:x([0-9a-f]{1,8})|(\d{1,8}));?|([a-z]{2,8});)/gi
const names: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{
      colon: 0x3a,
      comma: 0x2c,
      semi: 0x3b,
      sol: 0x2f,
      plus: 0x2b,
      equals: 0x3d,
      period: 0x2e,
      num: 0x23,
      percnt: 0x25,
    },
    ...{
      tab: 0x09,
      newline: 0x0a,
      lpar: 0x28,
      rpar: 0x29,
      quot: 0x22,
      apos: 0x27,
      lt: 0x3c,
      gt: 0x3e,
      amp: 0x26,
      lowbar: 0x5f,
    },
  }),
)
/** What ends an address stays in it as `%22`: browsers read it so there. */
const ends = /["'<>()`\\ ]/

/** The same page with the characters themselves; the very bytes where there is no reference. Tabs and line ends are dropped. */
export function withoutReferences(page: Buffer): Buffer {
  if (!page.includes('&')) return page
  const text = page.toString('latin1')
  const plain = text.replace(reference, (all: string, hex?: string, decimal?: string, name?: string) => {
    const code = codeOf(hex, decimal, name)
    if (code === undefined || code === 0 || code > 0xff) return all
    const character = String.fromCharCode(code)
    if (/[\t\r\n]/.test(character)) return ''
    return ends.test(character) ? `%${code.toString(16).padStart(2, '0')}` : character
  })
  return plain === text ? page : Buffer.from(plain, 'latin1')
}

function codeOf(hex?: string, decimal?: string, name?: string): number | undefined {
  if (hex !== undefined) return Number.parseInt(hex, 16)
  return decimal === undefined ? names.get((name ?? '').toLowerCase()) : Number.parseInt(decimal, 10)
}
