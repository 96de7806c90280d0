// Native dialogs owned by main: the questions before dangerous acts, and choosing files and folders.
// A port, so that a test entry can answer. A window can neither word a question nor answer it.
import { type BrowserWindow, dialog } from 'electron'

/** A question about an act that cannot be undone. */
export interface Question {
  /** Names count and thing. */
  readonly title: string
  /** One sentence of consequence. */
  readonly detail: string
  readonly verb: string
}

export interface DialogPort {
  /** True: the person chose the verb. An aborted signal takes the question back and counts as Cancel. */
  confirm(question: Question, parent: BrowserWindow | null, signal: AbortSignal): Promise<boolean>
  /** The chosen paths; empty when cancelled. */
  pickPaths(kind: 'files' | 'folders', parent: BrowserWindow | null): Promise<readonly string[]>
  /** Why the app cannot start. */
  tell(title: string, detail: string): Promise<void>
}

/** Cancel is the default: Enter and Esc change nothing. */
export const nativeDialogs: DialogPort = {
  confirm: async ({ title, detail, verb }, parent, signal) => {
    const options = {
      type: 'question' as const,
      message: title,
      detail,
      buttons: ['Cancel', verb],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      signal,
    }
    const { response } = await (parent ? dialog.showMessageBox(parent, options) : dialog.showMessageBox(options))
    return response === 1
  },
  pickPaths: async (kind, parent) => {
    const options: Electron.OpenDialogOptions = {
      title: kind === 'files' ? 'Choose files' : 'Choose folders',
      buttonLabel: 'Choose',
      properties:
        kind === 'files'
          ? ['openFile', 'multiSelections', 'showHiddenFiles']
          : ['openDirectory', 'multiSelections', 'showHiddenFiles'],
    }
    const { canceled, filePaths } = await (parent
      ? dialog.showOpenDialog(parent, options)
      : dialog.showOpenDialog(options))
    return canceled ? [] : filePaths.slice(0, 100)
  },
  tell: async (title, detail) => {
    await dialog.showMessageBox({ type: 'error', message: title, detail, buttons: ['Quit'], noLink: true })
  },
}
