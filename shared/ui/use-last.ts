// The last thing there was to show: a dialog that fades out keeps its words.
import { useState } from 'react'

/** The value, or the one before while there is none. */
export function useLast<T>(value: T | null | undefined): T | undefined {
  const [last, setLast] = useState<T>()
  const isNew = value !== null && value !== undefined && value !== last
  if (isNew) setLast(value)
  return value ?? last
}
