// What a window may never do: navigate away, open another window, embed a webview, be granted a permission.
// Owns the refusals and installs them on every web contents; asks nobody and allows nothing.
import type { App, Session, WebContents } from 'electron'
import { appOrigin } from './app-protocol.ts'

/** Told of everything that was refused; the window's own code never tries any of it. */
export type RefusalReport = (what: string, target: string) => void

/** An event whose default can be prevented. */
interface Preventable {
  preventDefault(): void
}

/** SECURITY: denies navigation, new windows and webviews on every web contents that is ever made. */
export function guardContents(app: Pick<App, 'on'>, report: RefusalReport): void {
  app.on('web-contents-created', (_event, contents) => guardOne(contents, report))
}

/** The refusals of one web contents. */
export function guardOne(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>, report: RefusalReport): void {
  const refuse = (what: string) => (event: Preventable, target?: unknown) => {
    event.preventDefault()
    report(what, typeof target === 'string' ? target.slice(0, 200) : '')
  }
  contents.on('will-navigate', refuse('navigation'))
  contents.on('will-redirect', refuse('redirect'))
  contents.on('will-frame-navigate', refuse('frame navigation'))
  contents.on('will-attach-webview', refuse('webview'))
  contents.setWindowOpenHandler(({ url }) => {
    report('window', url.slice(0, 200))
    return { action: 'deny' }
  })
}

/** SECURITY: denies every permission, asked for or only looked up, and every device. */
export function guardPermissions(session: Pick<Session, PermissionSetters>, report: RefusalReport): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    report('permission', permission)
    callback(false)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

/** SECURITY: whatever a page tries to load, only our own bundle is answered; in a development flavour also the inspector. */
export function guardRequests(session: Pick<Session, 'webRequest'>, isPackaged: boolean, report: RefusalReport): void {
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    const isOurs = url.startsWith(`${appOrigin}/`) || (!isPackaged && url.startsWith('devtools://'))
    if (!isOurs) report('request', url.slice(0, 200))
    callback({ cancel: !isOurs })
  })
}

type PermissionSetters = 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
