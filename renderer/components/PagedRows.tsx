// Draws a long list in blocks: only those near the view are real, the others are space of the right height, so that the
// scroll bar is true. Owns nothing but the drawing.
import { memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { type Pages, pageSize } from './use-pages.ts'

export interface PagedRowsProps<T> {
  readonly pages: Pages<T>
  readonly rowHeight: number
  readonly children: (row: T, index: number) => ReactNode
}

/** All rows of a list. */
export function PagedRows<T>({ pages, rowHeight, children }: PagedRowsProps<T>) {
  const total = pages.total ?? 0
  const count = Math.ceil(total / pageSize)
  return Array.from({ length: count }, (_value, index) => (
    <Block
      // biome-ignore lint/suspicious/noArrayIndexKey: a block is its place in the list
      key={index}
      height={Math.min(pageSize, total - index * pageSize) * rowHeight}
      onNear={() => pages.need(index)}
    >
      {pages.page(index)?.map((row, place) => children(row, index * pageSize + place))}
    </Block>
  ))
}

interface BlockProps {
  readonly height: number
  readonly onNear: () => void
  readonly children: ReactNode
}

/** A block without rows is only space: it is not drawn again for every news of the list. */
const Block = memo(SomeRows, (before, after) => {
  return before.height === after.height && before.children === undefined && after.children === undefined
})

function SomeRows({ height, onNear, children }: BlockProps) {
  const element = useRef<HTMLDivElement>(null)
  const near = useRef(onNear)
  near.current = onNear
  const [isNear, setNear] = useState(false)
  const [measured, setMeasured] = useState<number | null>(null)
  useEffect(() => {
    const block = element.current
    if (block === null) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return
        if (entry.isIntersecting) near.current()
        else if (block.childElementCount > 0) setMeasured(block.offsetHeight)
        setNear(entry.isIntersecting)
      },
      { rootMargin: '1200px 0px' },
    )
    observer.observe(block)
    return () => observer.disconnect()
  }, [])
  const isDrawn = isNear && children !== undefined
  return (
    <div ref={element} className="paged-block" style={isDrawn ? undefined : { height: measured ?? height }}>
      {isDrawn ? children : null}
    </div>
  )
}
