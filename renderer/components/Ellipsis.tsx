// One line that is cut at its end; the whole text is in the tooltip. For threat names, whose beginning says most.

export interface EllipsisProps {
  readonly text: string
  /** Says more than the text; without it the tooltip is the text. */
  readonly title?: string
  readonly className?: string
}

/** Give it a width-limited parent. */
export function Ellipsis({ text, title = text, className = '' }: EllipsisProps) {
  return (
    <span className={`app-ellipsis selectable ${className}`} title={title}>
      {text}
    </span>
  )
}
