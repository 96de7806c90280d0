// The one line at the top of a section about the state of everything: what is asked, else a remote scan. Owns which comes first.
import { AlertLine, useAlertLine } from './AlertLine.tsx'
import { RemoteScanLine } from './RemoteScanLine.tsx'

export interface StateLineProps {
  /** The Security section shows the scan itself. */
  readonly withoutRemoteLine?: boolean
}

/** At most one line. */
export function StateLine({ withoutRemoteLine = false }: StateLineProps) {
  const line = useAlertLine()
  if (line !== null) return <AlertLine line={line} />
  return withoutRemoteLine ? null : <RemoteScanLine />
}
