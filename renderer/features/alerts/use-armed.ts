// Guards against a double click that answers the next question too. What is guarded says so with aria-disabled.
import { useEffect, useState } from 'react'

const settleMs = 400

/** False for a moment after another question has come. */
export function useArmed(question: string): boolean {
  const [armedFor, setArmedFor] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setArmedFor(question), settleMs)
    return () => clearTimeout(timer)
  }, [question])
  return armedFor === question
}
