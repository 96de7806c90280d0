// The numbers of a group: by risk, and what found it. Owns the arrangement only.
import { formatCount } from '#shared/ui/format/count.ts'
import type { GroupPage } from './use-objects.ts'

export interface GroupNumbersProps {
  readonly group: GroupPage
  readonly foundBy: string
}

/** Risk is a word first, then a colour. */
export function GroupNumbers({ group, foundBy }: GroupNumbersProps) {
  const cells = [
    { name: 'High risk', value: group.risk.high, tone: 't-red' },
    { name: 'Medium risk', value: group.risk.medium, tone: 't-yellow' },
    { name: 'Low risk', value: group.risk.low, tone: '' },
  ]
  return (
    <dl className="group-numbers">
      {cells.map(({ name, value, tone }) => (
        <div key={name}>
          <dt className="t-caption t-3">{name}</dt>
          <dd className={`group-number ${value > 0 ? tone : 't-3'}`}>{formatCount(value)}</dd>
        </div>
      ))}
      <div className="group-found">
        <dt className="t-caption t-3">Found by</dt>
        <dd>{foundBy}</dd>
      </div>
    </dl>
  )
}
