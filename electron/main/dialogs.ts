// Native dialogs owned by main: the questions before dangerous acts, choosing files and folders, and where to save a file.
// A port, so that a test entry can answer. A window can neither word a question nor answer it.
import path from 'node:path'
import { app, type BrowserWindow, dialog } from 'electron'

/** A question about an act that cannot be undone. */
export interface Question {
  /** Names count and thing. */
  readonly title: string
  /** One sentence of consequence. */
  readonly detail: string
  readonly verb: string
}

/** A file that is about to be saved. */
export interface SaveTarget {
  readonly title: string
  /** Proposed, in the folder of documents; its ending is the kind. */
  readonly name: string
  /** What files of this ending are called. */
  readonly kind: string
}

export interface DialogPort {
  /** True: the person chose the verb. An aborted signal takes the question back and counts as Cancel. */
  confirm(question: Question, parent: BrowserWindow | null, signal: AbortSignal): Promise<boolean>
  /** The chosen paths; empty when cancelled. */
  pickPaths(kind: 'files' | 'folders', parent: BrowserWindow | null): Promise<readonly string[]>
  /** Where to save; null when cancelled. The person is asked before a file that is there is replaced. */
  pickTarget(target: SaveTarget, parent: BrowserWindow | null): Promise<string | null>
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
  pickTarget: async ({ title, name, kind }, parent) => {
    const options: Electron.SaveDialogOptions = {
      title,
      defaultPath: path.join(app.getPath('documents'), name),
      buttonLabel: 'Save',
      filters: [{ name: kind, extensions: [path.extname(name).slice(1)] }],
      properties: ['createDirectory', 'showOverwriteConfirmation'],
    }
    const { canceled, filePath } = await (parent
      ? dialog.showSaveDialog(parent, options)
      : dialog.showSaveDialog(options))
    return canceled || filePath === '' ? null : filePath
  },
  tell: async (title, detail) => {
    await dialog.showMessageBox({ type: 'error', message: title, detail, buttons: ['Quit'], noLink: true })
  },
}
