// Facts as a list of names and values. Owns the arrangement only.
import type { ReactNode } from 'react'

export interface Fact {
  readonly name: string
  readonly value: ReactNode
}

/** Names in one column, values in the other; goes inside Group. */
export function KeyValue({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="ui-key-values">
      {facts.map(({ name, value }) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}
