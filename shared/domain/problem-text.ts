// The words of every problem, once, so that app, portal and mail say the same. English; keyed by kind.
import { noCopyTodo } from './copy-text.ts'
import type { Problem, ProblemFix } from './problem.ts'

export interface ProblemText {
  /** A fact, no full stop. */
  readonly title: string
  /** One or two sentences. */
  readonly detail: string
}

const plural = (count: number, one: string, many: string) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** Title and explanation of a problem. `values` come from the client and are plain text. */
export function problemText(problem: Pick<Problem, 'kind' | 'values' | 'count'>): ProblemText {
  const value = (name: string) => problem.values[name] ?? ''
  switch (problem.kind) {
    case 'active-threats':
      return {
        title: `${plural(problem.count, 'object', 'objects')} not processed`,
        detail: `${value('names')} Decide what to do with ${problem.count === 1 ? 'it' : 'them'}.`,
      }
    case 'restart-required':
      return {
        title: 'Restart needed to finish disinfection',
        detail: `${value('names')} Still held by ${value('holder')}. Restart the computer to finish.`,
      }
    case 'manual-removal':
      return {
        title: 'Manual removal needed',
        detail: `${value('names')} It could not be removed after three restarts.`,
      }
    case 'clean-up-failed':
      return cleanUpText(problem.count, value)
    case 'backup-failed':
      return backupFailedText(problem.count, value)
    case 'possible-false-alarm':
      return falseAlarmText(problem.count, value('names'))
    case 'databases-seed':
      return {
        title: 'Only the databases that came with the product are in use',
        detail: 'This version has no update source yet. Detection is limited to the databases it shipped with.',
      }
    case 'databases-outdated':
      return { title: 'Databases are out of date', detail: `Released ${value('age')} ago.` }
    case 'databases-extremely-outdated':
      return {
        title: 'Databases are extremely out of date',
        detail: `Released ${value('age')} ago. New threats may not be detected.`,
      }
    case 'component-off':
      return { title: `${value('name')} is off`, detail: 'Turn it on to be protected.' }
    case 'protection-paused':
      return { title: 'Protection is paused', detail: value('until') }
    case 'never-scanned':
      return neverScanned
    case 'not-scanned-for-long':
      return {
        title: 'The computer has not been scanned for a long time',
        detail: `The last scan was ${value('age')} ago.`,
      }
    case 'update-failed':
      return { title: 'Database update failed', detail: value('reason') }
    case 'engine-failed':
      return {
        title: 'The scanner engine does not run',
        detail: 'It stopped several times and is started again every minute. Nothing is scanned until it runs.',
      }
    case 'weak-secret-storage':
      return weakSecrets
    case 'file-protection-incomplete':
      return {
        title: 'File protection is incomplete',
        detail: 'The system does not allow to watch all folders. Some are listed every few seconds instead.',
      }
    case 'second-engine-silent':
      return {
        title: 'ClamAV does not answer',
        detail:
          'It is to be asked in scans, but its service does not run on this computer. Scans go on without it and list what it did not look at.',
      }
    case 'storage-damaged':
      return damagedText(value('file'))
  }
}

const weakSecrets: ProblemText = {
  title: 'Secrets are stored with weaker protection',
  detail: 'The keyring of this computer cannot be used. A file that only you can read holds them instead.',
}

const neverScanned: ProblemText = {
  title: 'The computer has not been scanned yet',
  detail: 'Run a Quick Scan to check the places threats start from.',
}

/** What the system needs is never touched: nothing is gained by trying again. */
function cleanUpText(count: number, value: (name: string) => string): ProblemText {
  const isProtected = value('reason') === 'object-protected'
  const what = isProtected ? 'not touched: part of the system' : 'could not be treated'
  const todo =
    'This may be a false alarm: update the databases and scan again. What to do then is said with each object in Detected objects.'
  return {
    title: `${plural(count, 'object', 'objects')} ${what}`,
    detail: isProtected ? `${value('names')} ${todo}` : value('names'),
  }
}

function backupFailedText(count: number, value: (name: string) => string): ProblemText {
  return {
    title: `${plural(count, 'object', 'objects')} not touched: no copy could be kept`,
    detail: `${value('names')} ${noCopyTodo(value('reason'), count)}`,
  }
}

function falseAlarmText(count: number, names: string): ProblemText {
  const it = count === 1 ? 'it' : 'them'
  const may = count === 1 ? 'It may have been a false alarm' : 'They may have been false alarms'
  return {
    title: `${plural(count, 'object', 'objects')} in Quarantine no longer detected`,
    detail: `${names} ${may}. Restore ${it} from Quarantine if you need ${it}.`,
  }
}

/** `vault-key` stands for the key of the copies, which is lost with the store of secrets. */
function damagedText(file: string): ProblemText {
  switch (file) {
    case 'vault-key':
      return {
        title: 'The key of Quarantine was lost',
        detail: 'Copies kept until now cannot be restored any more. A new key was made for new copies.',
      }
    case 'settings.json':
      return { title: 'The settings were damaged', detail: `${file} could not be read. Defaults are used.` }
    default:
      return {
        title: 'A data file was damaged',
        detail: `${file} could not be read completely. It was set aside, and what was lost is not replaced.`,
      }
  }
}

/** What an owner can do about a restart from afar. */
export const askToRestart = 'Ask to restart'

const fixLabels: Record<ProblemFix, string> = {
  'process-objects': 'Process all',
  'quick-scan': 'Quick Scan',
  'full-scan': 'Full Scan',
  'update-databases': 'Update',
  'resume-protection': 'Resume protection',
  restart: 'Restart computer',
}

/** The verb on the button of a fix. Nobody restarts a computer from the portal: the person there is asked. */
export function fixLabel(fix: ProblemFix, at: 'computer' | 'portal' = 'computer'): string {
  return fix === 'restart' && at === 'portal' ? askToRestart : fixLabels[fix]
}
