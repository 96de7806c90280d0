// A bordered block of rows with its heading outside, above. Owns the frame; rows are its children.
import { type ReactNode, useId } from 'react'

export interface GroupProps {
  readonly title?: string
  /** After the title, in a quieter colour: a count or a short note. */
  readonly count?: number | string
  /** At most one link, at the right end of the heading. */
  readonly action?: ReactNode
  /** Name for screen readers where no title is shown. */
  readonly label?: string
  readonly children: ReactNode
}

/** Never put one into another. */
export function Group({ title, count, action, label, children }: GroupProps) {
  const id = useId()
  return (
    <section {...(title === undefined ? { 'aria-label': label } : { 'aria-labelledby': id })}>
      {title !== undefined && (
        <div className="ui-group-head">
          <h2 className="ui-group-title" id={id}>
            {title}
          </h2>
          {count !== undefined && <span className="t-3 tabular">{count}</span>}
          {action !== undefined && <div className="ui-group-action">{action}</div>}
        </div>
      )}
      <div className="ui-group-body">{children}</div>
    </section>
  )
}
