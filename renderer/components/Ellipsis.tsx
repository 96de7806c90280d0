// One line that is cut at its end; the whole text is in the tooltip. For threat names, whose beginning says most.

/** Give it a width-limited parent. */
export function Ellipsis({ text, className = '' }: { readonly text: string; readonly className?: string }) {
  return (
    <span className={`app-ellipsis selectable ${className}`} title={text}>
      {text}
    </span>
  )
}
