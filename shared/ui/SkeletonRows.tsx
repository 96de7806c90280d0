// Rows of grey bars with the final heights; nothing is seen in the first 300 ms. Owns the drawing only.

export interface SkeletonRowsProps {
  readonly rows?: number
  /** Default: the height of a table row. */
  readonly rowHeight?: 50
  /** What loads, for screen readers. */
  readonly label: string
}

/** Goes inside Group. */
export function SkeletonRows({ rows = 4, rowHeight, label }: SkeletonRowsProps) {
  return (
    <div className="ui-skeletons" data-height={rowHeight} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => `row-${index}`).map((key) => (
        <div className="ui-skeleton-row" key={key} aria-hidden>
          <span className="ui-skeleton-dot" />
          <span className="ui-skeleton-lines">
            <span className="ui-skeleton-bar" />
            <span className="ui-skeleton-bar" data-width="short" />
          </span>
          <span className="ui-skeleton-bar" data-width="end" />
        </div>
      ))}
    </div>
  )
}
