// What a command started ends with it: in order when it stops, and by the guard when it is killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createChildren } from './children.mjs'
import { inProject } from './project.mjs'

const IDLE = ['-e', 'setInterval(() => {}, 1000)']
const STUBBORN = ['-e', "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"]

test('children are stopped last started first', async () => {
  const ended = []
  const children = createChildren()
  for (const name of ['display', 'portal', 'app']) {
    const child = spawn(process.execPath, IDLE)
    child.once('exit', () => ended.push(name))
    children.add(child)
  }
  await children.stopAll()
  expect(ended).toEqual(['app', 'portal', 'display'])
})

test('the guard ends what is left when its parent is gone, also what does not want to', async () => {
  const guard = spawn(process.execPath, [inProject('build/guard.mjs')], { stdio: ['pipe', 'ignore', 'inherit'] })
  const watched = spawn(process.execPath, STUBBORN, { stdio: ['ignore', 'pipe', 'inherit'] })
  const forgotten = spawn(process.execPath, IDLE)
  await once(watched.stdout, 'data')
  guard.stdin.write(`watch ${watched.pid}\nwatch ${forgotten.pid}\nforget ${forgotten.pid}\n`)
  guard.stdin.end()
  const [, signal] = await once(watched, 'exit')
  expect(signal).toBe('SIGKILL')
  await delay(100)
  expect(forgotten.exitCode ?? forgotten.signalCode).toBeNull()
  forgotten.kill()
})
