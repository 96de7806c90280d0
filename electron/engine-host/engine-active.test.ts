// An active object through the real engine process: what its plan says, and that its treatment does just that.
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { DetectionId } from '#shared/domain/ids.ts'
import { buildProduct, builtDir } from './testing/built.ts'
import { type EngineRig, startRig } from './testing/engine-rig.ts'

let root: string
let rig: EngineRig

const text = '# marker of this test\nwhile :; do sleep 61; done\n'

beforeAll(buildProduct)
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'engine-active-'))
  const databasesDir = path.join(root, 'db')
  mkdirSync(databasesDir)
  const sha256 = createHash('sha256').update(text).digest('hex')
  writeFileSync(path.join(databasesDir, 'own.hsb'), `${sha256}:${text.length}:Own.Script\n`)
  rig = startRig(path.join(builtDir, 'engine-host.js'), { databasesDir })
})
afterEach(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

it('names the processes of a script before it is treated, ends them with it, and says so (60)', async () => {
  const file = path.join(root, 'evil.sh')
  writeFileSync(file, text)
  const running = spawn('/bin/sh', [file], { stdio: 'ignore', detached: true })
  const pid = running.pid ?? 0
  const ended = new Promise((done) => running.once('exit', (_code, signal) => done(signal)))
  try {
    const children = `/proc/${pid}/task/${pid}/children`
    await vi.waitUntil(() => readFileSync(children, 'utf8') !== '')
    const child = Number(readFileSync(children, 'utf8'))
    const { client } = rig.link
    const seen = await client.call('object.scan', { path: { text: file } })
    if (seen.kind !== 'detected') throw new Error(`not detected: ${seen.kind}`)
    const plan = await client.call('treat.plan', { object: seen.object })
    expect(plan).toMatchObject({
      processes: [
        { pid, name: 'sh', runs: true, willEnd: true },
        { pid: child, name: 'sleep', runs: true, willEnd: true },
      ],
      autostart: [],
      files: [{ path: { text: file }, threat: 'Own.Script' }],
    })
    const outcome = await client.call('treat.object', {
      detectionId: DetectionId.parse(randomUUID()),
      object: seen.object,
      verb: 'disinfect',
      origin: { kind: 'schedule' },
      databaseVersion: 'own',
    })
    const acts = { ended: [`sh (${pid})`, `sleep (${child})`], autostartRemoved: [] }
    expect(outcome).toMatchObject({ status: 'deleted', acts })
    expect(await ended).toBe('SIGKILL')
    expect(existsSync(file)).toBe(false)
    expect(await client.call('treat.plan', { object: seen.object })).toMatchObject({ processes: [], autostart: [] })
  } finally {
    running.kill('SIGKILL')
  }
}, 60_000)
