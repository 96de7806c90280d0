// Runs the contract suite over every transport of the product: MessagePort, worker thread, forked process, socket.io.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { afterAll, beforeAll } from 'vitest'
import { portChannel } from './port-channel.ts'
import { socketChannel } from './socket-channel.ts'
import { contractSuite } from './testing/contract-suite.ts'
import { serveSuite } from './testing/suite-server.ts'

let folder = ''
let program = ''

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rpc-suite-'))
  program = path.join(folder, 'server.mjs')
  const bundle = await rolldown({ input: path.join(import.meta.dirname, 'testing/forked-server.ts'), platform: 'node' })
  await bundle.write({ file: program, format: 'esm' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

contractSuite('a MessagePort', async () => {
  const { port1, port2 } = new MessageChannel()
  serveSuite(messagePortChannel(port2), () => port2.close())
  return { channel: messagePortChannel(port1), dispose: () => port1.close() }
})

contractSuite('a worker thread', async () => {
  const worker = new Worker(program)
  const channel = portChannel({
    post: (message) => worker.postMessage(message),
    subscribe: (listener) => worker.on('message', listener),
    onGone: (listener) => worker.on('exit', listener),
    close: () => void worker.terminate(),
  })
  return { channel, dispose: () => worker.terminate().then(() => undefined) }
})

contractSuite('a forked process', async () => {
  const child = fork(program, { serialization: 'advanced', env: {} })
  return { channel: childChannel(child), dispose: () => void child.kill('SIGKILL') }
})

contractSuite('a socket.io connection', async () => {
  const http = createServer()
  const server = new Server(http, { transports: ['websocket'] })
  server.on('connection', (socket) => serveSuite(socketChannel(socket), () => socket.conn.close()))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const socket = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    transports: ['websocket'],
    reconnection: false,
  })
  await new Promise<void>((resolve) => socket.on('connect', resolve))
  const dispose = async () => {
    socket.disconnect()
    await server.close()
  }
  return { channel: socketChannel(socket), dispose, structuredClones: false }
})

function messagePortChannel(port: MessagePort) {
  return portChannel({
    post: (message) => port.postMessage(message),
    subscribe: (listener) => port.on('message', listener),
    onGone: (listener) => port.on('close', listener),
    close: () => port.close(),
  })
}

function childChannel(child: ChildProcess) {
  return portChannel({
    post: (message) => child.send(message as object),
    subscribe: (listener) => child.on('message', listener),
    onGone: (listener) => {
      child.on('disconnect', listener)
      child.on('exit', listener)
    },
    close: () => void child.kill('SIGKILL'),
  })
}
