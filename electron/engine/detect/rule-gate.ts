// What the size and the first bytes of a content have to be before a rule can match it.

export interface Gate {
  /** More bytes than this are not matched; null = any number. */
  readonly mostBytes: number | null
  /** It begins with one of these; null = with anything. */
  readonly beginnings: readonly (readonly number[])[] | null
}

export function isOpen({ mostBytes, beginnings }: Gate, content: Uint8Array): boolean {
  if (mostBytes !== null && content.length > mostBytes) return false
  return beginnings?.some((bytes) => bytes.every((byte, at) => content[at] === byte)) ?? true
}

/** True for one that is open to every content. */
export function isWide({ mostBytes, beginnings }: Gate): boolean {
  return mostBytes === null && beginnings === null
}
