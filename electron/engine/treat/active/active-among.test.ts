import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { activeAmong } from './active-among.ts'

let folder: string
const started: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'active-'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function objectAt(path: string): DetectedObject {
  const { dev, ino } = statSync(path, { bigint: true })
  return {
    path: { text: path },
    identity: {
      dev: `${dev}`,
      ino: `${ino}`,
      size: 1,
      mtimeNs: '1',
      ctimeNs: '1',
      birthtimeNs: '1',
      nlink: 1,
      sha256: 'a'.repeat(64),
    },
    findings: [{ member: [], threat: 'Test', verdict: 'infected', detector: 'hash' }],
    findingsComplete: true,
    coverage: { kind: 'full' },
  }
}

async function start(program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  started.push(child)
  await once(child, 'spawn')
}

it.runIf(process.platform === 'linux')(
  'tells a running program and a running script from what only lies there',
  async () => {
    const [program, script, idle] = ['program', 'script.sh', 'idle'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    copyFileSync('/bin/sleep', program)
    copyFileSync('/bin/sleep', idle)
    writeFileSync(script, 'while :; do sleep 1; done\n')
    await start(program, '600')
    await start('/bin/sh', script)
    const objects = [idle, program, script].map(objectAt)
    await expect.poll(() => activeAmong(objects)).toEqual([1, 2])
    for (const child of started.splice(0)) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    expect(await activeAmong(objects)).toEqual([])
  },
)
