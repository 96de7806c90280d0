// The words of the alert windows: how bad an object is and why, what runs, what came of a treatment. Pure; owns sentences only.
import type { ByItself, InfectionAlert, PlanView } from '#shared/domain/alerts.ts'
import type { Detection } from '#shared/domain/detection.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { AutostartEntry } from '#shared/domain/treatment.ts'
import type { RiskLevel, ThreatVerdict } from '#shared/domain/verdict.ts'
import { formatCount, plural } from '../format/count.ts'
import type { StatusKind } from '../StatusIcon.tsx'

const riskWords: Record<RiskLevel, string> = { high: 'High', medium: 'Medium', low: 'Low' }

/** "High". */
export function riskWord(risk: RiskLevel): string {
  return riskWords[risk]
}

const reasons: Record<ThreatVerdict, string> = {
  infected: 'matches known malware',
  'probably-infected': 'looks like malware, without certainty',
  risky: 'legitimate software that can be misused',
}

/** Why the risk is what it is. */
export function riskReason({ verdict, findings }: Pick<Detection, 'verdict' | 'findings'>): string {
  return findings[0]?.detector === 'eicar' ? 'the harmless test file of virus scanners' : reasons[verdict]
}

/** What removing takes along. */
export function deleteNote({ findings }: Pick<Detection, 'findings'>): string {
  return findings[0] !== undefined && findings[0].member.length > 0
    ? 'It is inside an archive. Delete takes the whole archive; a copy goes to Quarantine first.'
    : 'A copy goes to Quarantine before anything is done.'
}

type Infection = Pick<InfectionAlert, 'objects' | 'total' | 'plan'>

const objects = (count: number) => plural(count, 'object', 'objects')

/** What runs, in two parts: the sentence before the name, and the name; the second line says where. */
export function infectionSubject({ objects: shown, total, plan }: Infection): {
  readonly threat: string
  readonly name: string
  readonly folder: string
  /** " · process 4128" */
  readonly process: string
} {
  const [first] = shown
  const name = first === undefined ? '' : fileName(first.path)
  const [main] = plan.processes
  const folder = first === undefined ? '' : first.path.slice(0, Math.max(1, first.path.length - name.length - 1))
  const running = plan.processes.length > 1 ? plural(plan.processes.length, 'process', 'processes') : ''
  const which = main === undefined ? '' : ` · ${running || `process ${main.pid}`}`
  const more = total > 1 ? ` and ${formatCount(total - 1)} more` : ''
  return { threat: first?.threat ?? '', name: `${name}${more}`, folder, process: which }
}

const autostartNames: Record<AutostartEntry['kind'], string> = {
  systemd: 'Service',
  cron: 'Scheduled command',
  at: 'Command at a time',
  desktop: 'Starts with the desktop',
  shell: 'Starts with the shell',
  preload: 'Loaded into every program',
  environment: 'Environment of every program',
  udev: 'Starts with a device',
  'rc-local': 'Starts with the computer',
  module: 'Loaded into the kernel when the computer starts',
  init: 'Starts with the computer',
}

/** What starts it. */
export function autostartName(kind: AutostartEntry['kind']): string {
  return autostartNames[kind]
}

const notEnded: Record<NonNullable<PlanView['processes'][number]['why']>, string> = {
  'only-holds': 'only uses the file, goes on',
  'own-line': 'part of this app, goes on',
  system: 'needed by the system, goes on',
  'not-ours': 'cannot be ended: another user’s',
  kernel: 'part of the system, goes on',
  stuck: 'cannot be ended before a restart',
  session: 'runs your session, ends with a restart',
}

/** "process 4128 of anna, will be ended". */
export function processText({ pid, user, willEnd, why }: PlanView['processes'][number]): string {
  const end = willEnd ? 'will be ended' : why === undefined ? 'goes on' : notEnded[why]
  return `process ${pid} of ${/^\d+$/.test(user) ? `user ${user}` : user}, ${end}`
}

const stays: Record<NonNullable<PlanView['autostart'][number]['why']>, string> = {
  'no-permission': 'stays: no rights to change it',
  'package-file': 'stays: it belongs to a package',
}

/** "Service, the entry is removed". */
export function autostartText({ kind, why }: PlanView['autostart'][number]): string {
  return `${autostartName(kind)}, ${why === undefined ? 'the entry is removed' : stays[why]}`
}

const byItselfTexts: Record<ByItself, string> = {
  disinfect: 'Chosen by itself when the time is up.',
  cure: 'Chosen by itself when the time is up; by your settings nothing is deleted then.',
  delete: 'Chosen by itself when the time is up; by your settings it is deleted then, with a copy kept.',
  nothing: 'By your settings nothing is done by itself when the time is up.',
}

/** What happens when nobody chooses. */
export function byItselfText(byItself: ByItself): string {
  return byItselfTexts[byItself]
}

export interface InfectionEnd {
  readonly status: StatusKind
  readonly title: string
  readonly sentences: readonly string[]
}

type Done = Extract<InfectionAlert, { phase: 'done' }>

const advice = 'A new scan is advised: it finds what may be left of the infection.'

/** What came of the treatment, and what to do. */
export function infectionEnd({ done, gone, failed, left, needRestart, restart }: Done): InfectionEnd {
  const treated = done - gone
  const counts = [
    ...(treated > 0 ? [`${objects(treated)} treated, ${treated === 1 ? 'a copy' : 'copies'} kept in Quarantine.`] : []),
    ...(gone > 0 ? [`${objects(gone)} no longer there.`] : []),
    ...(left > 0 ? [`${objects(left)} left as ${left === 1 ? 'it is' : 'they are'}.`] : []),
    ...(failed > left ? [`${objects(failed - left)} could not be treated.`] : []),
  ]
  if (restart === 'asked') return { status: 'busy', title: 'Restarting…', sentences: counts }
  if (restart === 'refused') {
    const todo = 'The system did not let the app restart it. Save your work and restart it yourself.'
    return { status: 'attention', title: 'The computer was not restarted', sentences: [...counts, todo] }
  }
  if (failed > 0) return { status: 'danger', title: 'Not everything was disinfected', sentences: [...counts, advice] }
  if (needRestart > 0) {
    const rest = `${objects(needRestart)} will be finished on computer restart.`
    return { status: 'attention', title: 'Restart needed to finish disinfection', sentences: [...counts, rest] }
  }
  const title = restart === 'restarted' ? 'Disinfected, the computer was restarted' : 'Active infection disinfected'
  return { status: 'good', title, sentences: [...counts, advice] }
}
