// Which problems can be fixed from here and how, and which command of the past is already doing it.
// Owns that table; a fix without a remote command is "Fix on the device".
import { type CommandBody, type CommandRecord, isFinal } from '#shared/domain/command.ts'
import type { Problem } from '#shared/domain/problem.ts'
import { openRestart, restartBody } from '../commands/restart-state.ts'

export type RemoteFix =
  | { readonly kind: 'process-objects' }
  | { readonly kind: 'scan' | 'restart'; readonly body: CommandBody }

/** How a problem is fixed remotely; undefined = only at the computer. */
export function remoteFix(problem: Pick<Problem, 'fix'>): RemoteFix | undefined {
  switch (problem.fix) {
    case 'process-objects':
      return { kind: 'process-objects' }
    case 'quick-scan':
      return { kind: 'scan', body: { kind: 'scan.start', args: { type: 'quick' } } }
    case 'full-scan':
      return { kind: 'scan', body: { kind: 'scan.start', args: { type: 'full' } } }
    case 'restart':
      return { kind: 'restart', body: restartBody }
    case 'update-databases':
    case 'resume-protection':
    case null:
      return undefined
  }
}

/** The command that is already fixing it, if there is one. */
export function pendingFix(problem: Problem, records: readonly CommandRecord[]): CommandRecord | undefined {
  const fix = remoteFix(problem)
  if (fix === undefined) return undefined
  if (fix.kind === 'restart') return openRestart(records)
  return records.find(({ status, body }) => {
    if (isFinal(status)) return false
    if (fix.kind === 'process-objects') return body.kind === 'detections.act' && body.args.action === 'process'
    return body.kind === 'scan.start' && fix.body.kind === 'scan.start' && body.args.type === fix.body.args.type
  })
}

/** The command that is hiding a notice or bringing it back, if there is one. */
export function pendingIgnore(problem: Problem, records: readonly CommandRecord[]): CommandRecord | undefined {
  return records.find(
    ({ status, body }) => !isFinal(status) && body.kind === 'problem.ignore' && body.args.key === problem.key,
  )
}
