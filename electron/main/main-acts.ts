// What main does for a window: open the main window, open and close the sign-in window, open a page of the portal, ask, let paths be chosen, save a file.
import { shell } from 'electron'
import { ProductError } from '#shared/errors.ts'
import type { Client } from '../client/client.ts'
import type { MainActs } from './app-handlers.ts'
import type { DialogPort } from './dialogs.ts'
import { externalAddress } from './external-pages.ts'
import { saveFile } from './save-file.ts'
import type { Windows } from './window.ts'

export interface MainActsOptions {
  readonly client: Pick<Client, 'state'>
  readonly windows: Windows
  readonly dialogs: DialogPort
  readonly openExternal?: (address: string) => Promise<void>
}

/** The acts over real windows. */
export function createMainActs({ client, windows, dialogs, openExternal = systemBrowser }: MainActsOptions): MainActs {
  return {
    openMain: () => void windows.open('main'),
    openSignIn: () => void windows.open('sign-in'),
    closeSignIn: () => windows.close('sign-in'),
    openExternal: async (page) => {
      const { account, cloud } = client.state()
      const deviceId = account.value.status === 'connected' ? account.value.deviceId : null
      await openExternal(externalAddress(page, { portalUrl: cloud.value.portalUrl, deviceId }))
    },
    pickPaths: (kind, { window }) => dialogs.pickPaths(kind, windows.get(window)),
    saveFile: async (target, text, { window }, signal) => {
      const file = await dialogs.pickTarget(target, windows.get(window))
      if (file === null || signal.aborted) throw new ProductError('aborted')
      await saveFile(file, text)
      return file
    },
    confirm: (question, { window }, signal) => dialogs.confirm(question, windows.get(window), signal),
  }
}

/** SECURITY: only ever called with an address out of the constant map. */
async function systemBrowser(address: string): Promise<void> {
  await shell.openExternal(address)
}
