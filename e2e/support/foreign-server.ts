// A server of somebody else on loopback that would answer everything a hostile page asks for, and remembers what reached it.
import { createServer } from 'node:http'

export interface ForeignServer {
  readonly url: string
  /** Method and path of every request, also of web sockets. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

const picture = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64')

const answers: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
  '/picture.gif': ['image/gif', picture],
  '/script.js': ['text/javascript', "globalThis.attack?.push('remote script')"],
  '/style.css': ['text/css', 'body { color: rgb(1, 2, 3) }'],
}

export async function startForeignServer(): Promise<ForeignServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const [type, body] = answers[request.url ?? ''] ?? ['text/html', '<!doctype html><title>Foreign</title>']
    response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body)
  })
  server.on('upgrade', (request, socket) => {
    requests.push(`UPGRADE ${request.url}`)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the foreign server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
