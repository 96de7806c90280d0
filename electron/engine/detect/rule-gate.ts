// What the size and the first bytes of a content have to be before a rule can match it: data, and the question.

export type Gate =
  /** Open to every content. */
  | { readonly kind: 'anything' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Gate[] }
  /** The content has at most so many bytes. */
  | { readonly kind: 'size'; readonly most: number }
  | { readonly kind: 'begins'; readonly bytes: readonly number[] }

export function isOpen(gate: Gate, content: Uint8Array): boolean {
  switch (gate.kind) {
    case 'anything':
      return true
    case 'all':
      return gate.of.every((each) => isOpen(each, content))
    case 'any':
      return gate.of.some((each) => isOpen(each, content))
    case 'size':
      return content.length <= gate.most
    case 'begins':
      return gate.bytes.every((byte, at) => content[at] === byte)
  }
}
