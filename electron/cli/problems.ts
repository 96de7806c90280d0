// What the command line says when something went wrong: a sentence beside the result, and for programs a line of the result.
// Never decides what happens then.
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { pathFields } from './path-form.ts'
import { harmless, type Terminal } from './terminal.ts'

/** `path`: what it is about, where that is a path; then the detail is its text. */
export function tellProblem(terminal: Terminal, json: boolean, error: unknown, path?: Buffer): void {
  const { code, detail } = factsOf(error)
  terminal.note(`error: ${harmless(detail === undefined ? code : `${code}: ${detail}`)}`)
  if (json) printProblem(terminal, error, path)
}

/** The line for programs alone. */
export function printProblem(terminal: Terminal, error: unknown, path?: Buffer): void {
  const { code, detail } = factsOf(error)
  const about = path === undefined ? { ...(detail !== undefined && { detail }) } : pathFields(path)
  terminal.print(JSON.stringify({ type: 'error', code, ...about }))
}

function factsOf(error: unknown): { readonly code: ErrorCode; readonly detail: string | undefined } {
  if (error instanceof ProductError) return error
  return { code: 'internal', detail: error instanceof Error ? error.message : 'unknown' }
}
