// A button that works while its promise is pending, keeping its width. Owns that state only.
import { Button, type ButtonProps } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'

export interface BusyButtonProps extends ButtonProps {
  readonly onRun: () => Promise<unknown>
  readonly label?: string
  readonly children: ReactNode
}

/** A second click while it works does nothing. */
export function BusyButton({ onRun, label, children, ...props }: BusyButtonProps) {
  const [busy, setBusy] = useState(false)
  const mounted = useRef(true)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])
  const run = () => {
    setBusy(true)
    void onRun().finally(() => {
      if (mounted.current) setBusy(false)
    })
  }
  return (
    <Button {...props} loading={busy} onClick={run} {...(label === undefined ? {} : { 'aria-label': label })}>
      {children}
    </Button>
  )
}
