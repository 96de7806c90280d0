// The peer of the start-up measurement: an Electron app with one window and one heading, and nothing else.
import { app, BrowserWindow } from 'electron'

app.setPath('userData', app.commandLine.getSwitchValue('user-data-dir'))
app.on('window-all-closed', () => app.quit())
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1040, height: 700, webPreferences: { sandbox: true } })
  return window.loadURL('data:text/html,<h1>Home</h1>')
})
