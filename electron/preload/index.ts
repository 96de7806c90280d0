// The bridge between a window and the main process: two functions, allow-listed names, payloads only.
// Never exposes ipcRenderer, an event object, or anything else of Electron or Node.
import { contextBridge, ipcRenderer } from 'electron'
import { appCallNames, appEventNames } from '#shared/ipc/channels.ts'
import { createPeer } from '#shared/rpc/peer.ts'
import { createBridge } from './bridge.ts'
import { ipcRendererChannel } from './ipc-renderer-channel.ts'

const peer = createPeer(ipcRendererChannel(ipcRenderer, crypto.randomUUID()))

// SECURITY: the whole surface that a page gets.
contextBridge.exposeInMainWorld('bridge', createBridge(peer, appCallNames, appEventNames))
