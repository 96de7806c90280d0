// The helper's process: when it is given its request, and what counts as an answer.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { eventually } from '../testing/eventually.ts'
import { exists } from '../testing/treatment-lab.ts'
import { startHelper } from './pkexec.ts'

const identity = { dev: '1', ino: '2', size: 3, mtimeNs: '1', ctimeNs: '1', birthtimeNs: '1', nlink: 1 }
const path = Buffer.from('/tmp/x').toString('base64')
const request = { version: 1, verb: 'delete', path, identity: { ...identity, sha256: 'a'.repeat(64) } } as const
const done = { kind: 'done', otherLinks: 0, holders: [] }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkexec-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const shell = (script: string): string[] => ['/bin/sh', '-c', `cd "$1"; ${script}`, 'sh', folder]
const start = (command: readonly string[], more: { questionMs?: number; asked?: () => void } = {}) =>
  startHelper(command, { request, asked: () => undefined, env: process.env, ...more })

describe('an answer of the helper that nobody can read', () => {
  it.each([
    ['a program that is not there', ['/nothing/here'], 'not-available'],
    ['an end without an answer', shell('exit 1'), 'io-error'],
    ['an answer before anything was asked', shell(`echo '${JSON.stringify(done)}'`), 'io-error'],
    ['another answer', shell(`echo ready; read r; echo '{"kind":"done"}'`), 'io-error'],
    ['an end after it was asked', shell('echo ready; read r; exit 126'), 'io-error'],
    ['nobody who may answer', shell('exit 127'), 'needs-administrator'],
    ['far too much', shell('echo ready; read r; yes | tr -d "\\n"'), 'io-error'],
  ] as const)('%s is a failure', async (_what, command, code) => {
    const { answer, release } = await start(command)
    expect(answer).toEqual({ kind: 'refused', code })
    await release()
  })
})

describe('the request', () => {
  it('is given when the helper says that it is there, and journaled before', async () => {
    let before = true
    const asked = (): void => {
      before = exists(join(folder, 'got'))
    }
    const script = `echo ready; read -r r; echo "$r" > got; echo '${JSON.stringify(done)}'; cat > rest; echo over > over`
    const { answer, release } = await start(shell(script), { asked })
    expect(answer).toEqual(done)
    expect(before).toBe(false)
    expect(JSON.parse(readFileSync(join(folder, 'got'), 'utf8'))).toEqual(request)
    expect(exists(join(folder, 'over'))).toBe(false)
    await release()
    expect(readFileSync(join(folder, 'rest'), 'utf8')).toBe('')
    expect(exists(join(folder, 'over'))).toBe(true)
  })

  it('is not given when it cannot be journaled', async () => {
    const asked = (): void => {
      throw new ProductError('disk-full')
    }
    await expect(start(shell('echo ready; cat > got; echo over > over'), { asked })).rejects.toThrow('disk-full')
    await eventually(() => exists(join(folder, 'over')))
    expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('')
  })

  it('is not given to a helper that is there only after the question was given up, and may not be ended by us', async () => {
    // A signal that has no effect stands for one that root's process does not get.
    const script = `trap '' TERM; while [ ! -e go ]; do sleep 0.02; done; echo ready; cat > got; echo over > over`
    const { answer } = await start(shell(script), { questionMs: 50 })
    expect(answer).toEqual({ kind: 'refused', code: 'needs-administrator' })
    writeFileSync(join(folder, 'go'), '')
    await eventually(() => exists(join(folder, 'over')))
    expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('')
  })

  it('leaves the helper all the time it needs: only the question is timed', async () => {
    const script = `echo ready; read r; sleep 0.5; echo '${JSON.stringify(done)}'`
    const { answer, release } = await start(shell(script), { questionMs: 300 })
    expect(answer).toEqual(done)
    await release()
  })
})
