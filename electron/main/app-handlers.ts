// Answers the calls of the windows: the client's own, main's own, and a native question before the dangerous ones.
// Owns which window may ask what; decides nothing else.
import type { ReportFormat } from '#shared/domain/reports.ts'
import { ProductError } from '#shared/errors.ts'
import type { AppContract, ExternalPage } from '#shared/ipc/app-contract.ts'
import type { CallName, CallRequest, Handlers } from '#shared/rpc/contract.ts'
import type { Client } from '../client/client.ts'
import type { MainCall } from '../client/client-handlers.ts'
import { type ConfirmedCall, questionFor, questionForSettings } from './confirmations.ts'
import type { Question, SaveTarget } from './dialogs.ts'
import type { WindowName } from './window.ts'

/** Which window asks. */
export interface Caller {
  readonly window: WindowName
}

/** What main does itself. */
export interface MainActs {
  openMain(): void
  openSignIn(): void
  closeSignIn(): void
  openExternal(page: ExternalPage): Promise<void>
  pickPaths(kind: 'files' | 'folders', caller: Caller): Promise<readonly string[]>
  /** Asks where, writes, and returns the path. Cancel is the failure `aborted`; what cannot be written is one of `saveFile`. */
  saveFile(target: SaveTarget, text: string, caller: Caller, signal: AbortSignal): Promise<string>
  confirm(question: Question, caller: Caller, signal: AbortSignal): Promise<boolean>
}

type AppHandlers = Handlers<AppContract, Caller>

/** SECURITY: what each small window may ask. The main window may ask everything but what only an alert may answer. */
const callsOf: Record<Exclude<WindowName, 'main'>, readonly CallName<AppContract>[]> = {
  'sign-in': ['state.snapshot', 'account.signIn', 'account.create', 'window.closeSignIn', 'external.open'],
  'object-alert': ['state.snapshot', 'alert.act', 'alert.dismiss', 'window.openMain'],
  'infection-alert': [
    'state.snapshot',
    'infection.pause',
    'infection.choose',
    'alert.dismiss',
    'scan.start',
    'restart.now',
    'window.openMain',
  ],
  'restart-alert': ['state.snapshot', 'restart.answer', 'alert.dismiss'],
}

/** A restart may follow these without a native question: only the window that asks for it may answer. */
const onlyInAlerts: ReadonlySet<string> = new Set<CallName<AppContract>>(['infection.choose', 'restart.answer'])

function mayAsk(window: WindowName, name: string): boolean {
  if (window === 'main') return !onlyInAlerts.has(name)
  return (callsOf[window] as readonly string[]).includes(name)
}

/** Every call of the contract, ready for `answerContract`. */
export function createAppHandlers(
  client: Pick<Client, 'handlers' | 'state' | 'reportFile'>,
  acts: MainActs,
): AppHandlers {
  const own = mainHandlers(client, acts)
  const asked = confirmedHandlers(client, acts)
  return limited({ ...client.handlers, ...own, ...asked })
}

const fileKinds: Record<ReportFormat, string> = { csv: 'Tables (CSV)', text: 'Text' }

function mainHandlers({ reportFile }: Pick<Client, 'reportFile'>, acts: MainActs): Pick<AppHandlers, MainCall> {
  return {
    'window.openMain': () => {
      acts.openMain()
      return {}
    },
    'window.openSignIn': () => {
      acts.openSignIn()
      return {}
    },
    'window.closeSignIn': () => {
      acts.closeSignIn()
      return {}
    },
    'external.open': async ({ page }) => {
      await acts.openExternal(page)
      return {}
    },
    // What is selected when the person asks, whatever happens while they choose the place.
    'history.save': async ({ format, ...selection }, caller, signal) => {
      const { name, text, events } = reportFile(selection, format)
      const target = { title: 'Save the report', name, kind: fileKinds[format] }
      return { path: await acts.saveFile(target, text, caller, signal), events }
    },
    'dialog.pickPaths': async ({ kind }, caller) => ({ paths: [...(await acts.pickPaths(kind, caller))] }),
  }
}

/** SECURITY: asked here, outside of the window; Cancel is the failure `aborted`. */
function confirmedHandlers(
  { handlers, state }: Pick<Client, 'handlers' | 'state'>,
  acts: MainActs,
): Pick<AppHandlers, ConfirmedCall | 'settings.change'> {
  const ask = async <N extends ConfirmedCall>(
    name: N,
    input: CallRequest<AppContract, N>,
    caller: Caller,
    signal: AbortSignal,
  ) => {
    const isSure = await acts.confirm(questionFor(name, input, state()), caller, signal)
    if (!isSure || signal.aborted) throw new ProductError('aborted')
  }
  return {
    'detections.restore': async (input, caller, signal) => {
      await ask('detections.restore', input, caller, signal)
      return handlers['detections.restore'](input, caller, signal)
    },
    'detections.deleteWithoutCopy': async (input, caller, signal) => {
      await ask('detections.deleteWithoutCopy', input, caller, signal)
      return handlers['detections.deleteWithoutCopy'](input, caller, signal)
    },
    'quarantine.restore': async (input, caller, signal) => {
      await ask('quarantine.restore', input, caller, signal)
      return handlers['quarantine.restore'](input, caller, signal)
    },
    'quarantine.delete': async (input, caller, signal) => {
      await ask('quarantine.delete', input, caller, signal)
      return handlers['quarantine.delete'](input, caller, signal)
    },
    // Most settings are changed at once; some of them delete copies.
    'settings.change': async (input, caller, signal) => {
      const question = questionForSettings(input, state())
      if (question !== null && !(await acts.confirm(question, caller, signal))) throw new ProductError('aborted')
      if (signal.aborted) throw new ProductError('aborted')
      return handlers['settings.change'](input, caller, signal)
    },
    'account.disconnect': async (input, caller, signal) => {
      await ask('account.disconnect', input, caller, signal)
      return handlers['account.disconnect'](input, caller, signal)
    },
    'restart.now': async (input, caller, signal) => {
      await ask('restart.now', input, caller, signal)
      return handlers['restart.now'](input, caller, signal)
    },
  }
}

/** Each window gets the calls it needs and no others: see `callsOf`. */
function limited(handlers: AppHandlers): AppHandlers {
  const checked = Object.entries(handlers).map(([name, handler]) => {
    const run = handler as (input: unknown, caller: Caller, signal: AbortSignal) => unknown
    const limitedRun = (input: unknown, caller: Caller, signal: AbortSignal) => {
      if (!mayAsk(caller.window, name)) throw new ProductError('forbidden', name)
      return run(input, caller, signal)
    }
    return [name, limitedRun] as const
  })
  return Object.fromEntries(checked) as unknown as AppHandlers
}
