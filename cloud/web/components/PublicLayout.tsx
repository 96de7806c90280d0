// The frame of every screen before sign-in: the name at the top, one card in the middle. Owns the arrangement only.
import type { ReactNode } from 'react'
import { brand } from '#shared/brand.ts'
import { Mark } from '#shared/ui/Mark.tsx'
import { Link } from './Link.tsx'

/** One card, one question. */
export function PublicLayout({ children }: { readonly children: ReactNode }) {
  return (
    <div className="public">
      <header className="public-head">
        <Link to="/" className="brand">
          <Mark state="brand" size={24} />
          <span>{brand.portal}</span>
        </Link>
      </header>
      <main className="public-main">
        <div className="public-card">{children}</div>
      </main>
    </div>
  )
}
