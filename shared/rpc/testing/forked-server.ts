// The suite's server as a program of its own: started by fork or as a worker thread, it dies when it is told to.
// Used by tests only.
import { isMainThread, parentPort } from 'node:worker_threads'
import { portChannel } from '../port-channel.ts'
import { serveSuite } from './suite-server.ts'

if (isMainThread) {
  const channel = portChannel({
    post: (message) => process.send?.(message),
    subscribe: (listener) => process.on('message', listener),
    onGone: (listener) => process.on('disconnect', listener),
    close: () => process.disconnect(),
  })
  serveSuite(channel, () => process.kill(process.pid, 'SIGKILL'))
} else if (parentPort) {
  const port = parentPort
  const channel = portChannel({
    post: (message) => port.postMessage(message),
    subscribe: (listener) => port.on('message', listener),
    onGone: (listener) => port.on('close', listener),
    close: () => port.close(),
  })
  serveSuite(channel, () => process.exit(3))
}
