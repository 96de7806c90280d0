// What is wrong with one field, for the `error` of Mantine's inputs: icon, then what to do. Owns the arrangement only.
import { StatusIcon } from './StatusIcon.tsx'

/** The error of a field, or undefined where all is well. */
export function fieldError(problem: string | undefined) {
  if (problem === undefined) return undefined
  return (
    <>
      <StatusIcon status="danger" size={14} />
      <span>{problem}</span>
    </>
  )
}
