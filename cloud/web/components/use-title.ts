// The title of the browser's tab. Owns nothing else.
import { useEffect } from 'react'
import { brand } from '#shared/brand.ts'

/** "Devices · My Kaspersky". */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${brand.portal}`
  }, [title])
}
