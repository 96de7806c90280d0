import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatPorts } from './context.ts'
import { endHolder, endHolders } from './holders.ts'
import { createMachine } from './obstacles/machine.ts'
import { groupOf, holderIn, holdersOf, isKernelThread, membersOf, startTimeOf } from './processes.ts'
import { asOrdinaryUser, isRoot } from './testing/ordinary-user.ts'
import { createLab, exists, type Lab, marker } from './testing/treatment-lab.ts'
import { whyNotEnded } from './why-not-ended.ts'

const children: ChildProcess[] = []
const open: Lab[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const lab of open.splice(0)) lab.remove()
})

function lab(ports: Partial<TreatPorts> = {}): Lab {
  const made = createLab({ ports })
  open.push(made)
  return made
}

/** A running program of our own that carries the marker. */
async function runningMalware(
  made: Lab,
): Promise<{ readonly file: string; readonly child: ChildProcess; readonly pid: number }> {
  const file = `${made.files}/evil-program`
  copyFileSync('/bin/sleep', file)
  appendFileSync(file, marker)
  chmodSync(file, 0o755)
  const child = spawn(file, ['60'], { stdio: 'ignore' })
  children.push(child)
  const pid = child.pid
  if (pid === undefined) throw new Error('did not start')
  await until(() => {
    try {
      return statSync(`/proc/${pid}/exe`).ino === statSync(file).ino
    } catch {
      return false
    }
  })
  return { file, child, pid }
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !done(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(done()).toBe(true)
}

function heldFile(file: string) {
  const { dev, ino } = statSync(file, { bigint: true })
  return { dev, ino, paths: [Buffer.from(file)] }
}

describe('processes of a treated file', () => {
  it('are ended when they may be, and the file is deleted (60)', async () => {
    const asked: number[] = []
    const made = lab({ mayEnd: (pid) => asked.push(pid) > 0 })
    const { file, pid } = await runningMalware(made)
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect(startTimeOf(pid)).toBeUndefined()
    expect(new Set(asked)).toEqual(new Set([pid]))
  })

  it('are named when the file itself is no active object', async () => {
    const made = lab({ mayEnd: () => true })
    const { file, pid } = await runningMalware(made)
    // As with a program that is cured: what was found lies in it.
    const container = { format: 'zip', leaves: 1 }
    const order = await made.order(file, { members: [['evil']], container })
    expect(await made.treater.treat(order)).toMatchObject({
      status: 'deleted',
      acts: { ended: [`evil-program (${pid})`], autostartRemoved: [] },
    })
  })

  it('are not ended when the process id belongs to another program by now (60)', async () => {
    const made = lab()
    const { file, pid } = await runningMalware(made)
    const held = heldFile(file)
    const found = holderIn(pid, held)
    if (found === undefined) throw new Error('not found')
    const started = (BigInt(found.startTime) - 1n).toString()
    await endHolder({ ...found, startTime: started }, held, () => true)
    const other = heldFile('/bin/true')
    await endHolder(found, other, () => true)
    expect(startTimeOf(pid)).toBe(found.startTime)
  })

  it('are found by their maps too, but never ended for that, and never ourselves', async () => {
    const node = heldFile(process.execPath)
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' })
    children.push(child)
    await until(() => child.pid !== undefined && holderIn(child.pid, node) !== undefined)
    const all = await holdersOf(node)
    expect(all.some((holder) => holder.pid === child.pid && holder.runs)).toBe(true)
    expect(all.some((holder) => holder.pid === process.pid)).toBe(false)
    const library = readFileSync(`/proc/${child.pid}/maps`, 'utf8')
      .split('\n')
      .find((line) => /libc\.so\.6$/.test(line))
    const path = library?.slice(library.indexOf('/')) ?? ''
    const mapped = holderIn(child.pid ?? 0, heldFile(path))
    if (mapped === undefined) throw new Error('not found')
    expect(mapped.runs).toBe(false)
    expect(await endHolder(mapped, heldFile(path), () => true)).toBe(false)
    expect(startTimeOf(mapped.pid)).toBe(mapped.startTime)
  })
})

/** A shell of our own in a process group of its own; it carries the marker and runs this script. */
async function malwareShell(made: Lab, script: string): Promise<{ readonly file: string; readonly pid: number }> {
  const file = `${made.files}/evil-shell`
  copyFileSync('/bin/dash', file)
  appendFileSync(file, marker)
  chmodSync(file, 0o755)
  const child = spawn(file, ['-c', script, file], { stdio: 'ignore', detached: true })
  children.push(child)
  const pid = child.pid
  if (pid === undefined) throw new Error('did not start')
  await until(() => statSync(`/proc/${pid}/exe`, { throwIfNoEntry: false })?.ino === statSync(file).ino)
  return { file, pid }
}

const groupOfPid = (pid: number): number[] => membersOf(groupOf(pid))
const parentOf = (pid: number): number => Number(/\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1])
const stateOf = (pid: number): string | undefined => /\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]

describe('several processes of a treated file', () => {
  it('are ended together, although each is started again by another (60)', async () => {
    const made = lab({ mayEnd: () => true })
    const again = 'while :; do "$0" -c "while :; do sleep 0.05; done" "$0"; done'
    const { file, pid } = await malwareShell(made, again)
    await until(() => groupOfPid(pid).length >= 3)
    const held = heldFile(file)
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect(await holdersOf(held)).toEqual([])
  })

  it('are ended alone where another program is in their group: that one goes on', async () => {
    const made = lab({ mayEnd: () => true })
    const { file, pid } = await malwareShell(made, 'sleep 60; true')
    // Somebody else's shell, which has started it beside a program of its own.
    const child = spawn('/bin/sh', ['-c', '"$0" -c "sleep 61; true" & sleep 62 & wait', file], {
      stdio: 'ignore',
      detached: true,
    })
    children.push(child)
    const shell = child.pid ?? 0
    await until(() => groupOfPid(shell).length === 4)
    const started = groupOfPid(shell).filter((member) => holderIn(member, heldFile(file)) !== undefined)
    const parts = groupOfPid(shell).filter((member) => started.includes(parentOf(member)))
    const innocent = groupOfPid(shell).filter((member) => ![...started, ...parts].includes(member))
    expect([started.length, parts.length, innocent.length]).toEqual([1, 1, 2])
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect([pid, ...started].map(startTimeOf)).toEqual([undefined, undefined])
    expect(innocent.map(stateOf)).toEqual(['S', 'S'])
    for (const member of innocent) process.kill(member, 'SIGKILL')
  })
})

describe('a library that programs have loaded', () => {
  it.each([
    ['mapped', ''],
    ['preload', 'the library\n'],
  ])('is removed at once, and waits for a restart as %s', async (reason, preloaded) => {
    const root = mkdtempSync(join(tmpdir(), 'machine-'))
    try {
      const made = lab({ mayEnd: () => true, machine: createMachine({ root }) })
      const library = join(made.files, 'libevil.so')
      const mapped = readFileSync('/proc/self/maps', 'utf8').match(/\/.*\/libm\.so\.6$/m)?.[0] ?? ''
      copyFileSync(mapped, library)
      appendFileSync(library, marker)
      mkdirSync(join(root, 'etc'))
      writeFileSync(join(root, 'etc/ld.so.preload'), preloaded.replace('the library', library))
      const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore', env: { LD_PRELOAD: library } })
      children.push(child)
      await until(() => readFileSync(`/proc/${child.pid}/maps`, 'utf8').includes(library))
      expect(await made.treater.treat(await made.order(library))).toMatchObject({
        status: 'at-restart',
        reason,
        holder: `sleep (${child.pid}), has loaded it`,
      })
      expect(exists(library)).toBe(false)
      expect(startTimeOf(child.pid ?? 0)).toBeDefined()
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

describe('whom nobody ends', () => {
  const bin = (path: string) => [Buffer.from(path)]

  it('is the first process, the kernel, ourselves and what the session ends with; malware of that name is ended', async () => {
    const made = lab()
    const { pid } = await runningMalware(made)
    const kernel = readdirSync('/proc').find((entry) => /^[0-9]+$/.test(entry) && isKernelThread(Number(entry)))
    expect(whyNotEnded(1, bin('/sbin/init'), () => true)).toBe('system')
    if (kernel !== undefined) expect(whyNotEnded(Number(kernel), [], () => true)).toBe('kernel')
    expect(whyNotEnded(process.ppid, bin('/usr/bin/node'), () => true)).toBe('own-line')
    for (const path of [
      '/usr/bin/gnome-shell',
      '/usr/lib/xorg/Xorg',
      '/usr/libexec/gnome-session-binary',
      '/bin/login',
    ])
      expect(whyNotEnded(pid, bin(path), () => true)).toBe('session')
    for (const path of ['/home/me/gnome-shell', '/tmp/usr/bin/Xorg', '/usr/bin/gnome-shell-evil', '/usr/bin/evil'])
      expect(whyNotEnded(pid, bin(path), () => true)).toBeUndefined()
    expect(whyNotEnded(pid, bin('/usr/bin/evil'), () => false)).toBe('not-ours')
  })

  it.runIf(isRoot)('is a process of another user: named by how it was called, and only by that', async () => {
    const made = lab({ mayEnd: () => true })
    const { file, pid } = await runningMalware(made)
    const held = heldFile(file)
    await asOrdinaryUser(async () => {
      const [holder, ...more] = await endHolders(held, () => true)
      expect(holder).toMatchObject({ pid, runs: true, why: 'not-ours' })
      expect(more).toEqual([])
      expect(await holdersOf({ ...held, paths: [Buffer.from(`${file}-other`)] })).toEqual([])
    })
    expect(startTimeOf(pid)).toBeDefined()
  })
})

describe('a holder that may not be ended', () => {
  it('leaves a treatment that waits for a restart: file gone, copy held, holder named (56)', async () => {
    const made = lab()
    const { file, pid } = await runningMalware(made)
    const outcome = await made.treater.treat(await made.order(file))
    expect(outcome).toMatchObject({
      status: 'at-restart',
      holder: `evil-program (${pid}), belongs to another user`,
      reason: 'running',
    })
    expect(exists(file)).toBe(false)
    const [item] = made.vault.list()
    expect(item?.restorable).toBe(false)
    expect(item === undefined ? 0 : made.vault.delete([item.id])).toBe(0)
  })

  it('stays pending in the same session, also after a crash, and ends with the holder (57)', async () => {
    const made = lab()
    const { file, child, pid } = await runningMalware(made)
    const order = await made.order(file)
    await made.treater.treat(order)
    const again = made.again()
    open.push(again)
    expect(again.vault.list()[0]?.restorable).toBe(false)
    const held = [
      { outcome: { status: 'at-restart', holder: `evil-program (${pid}), belongs to another user` }, attempts: 0 },
    ]
    expect(await again.treater.replayPending()).toMatchObject(held)
    const journals = ['treatments.jsonl', 'pending.jsonl'].map((name) => join(again.dataDir, name))
    const sizes = journals.map((name) => statSync(name).size)
    for (let look = 0; look < 5; look += 1) expect(await again.treater.replayPending()).toMatchObject(held)
    expect(journals.map((name) => statSync(name).size)).toEqual(sizes)
    child.kill('SIGKILL')
    await until(() => startTimeOf(pid) === undefined)
    expect(await again.treater.replayPending()).toMatchObject([
      { detectionId: order.detectionId, outcome: { status: 'deleted' } },
    ])
    expect(await again.treater.replayPending()).toEqual([])
    expect(again.vault.list()[0]?.restorable).toBe(true)
    expect(await again.treater.treat(order)).toMatchObject({ status: 'deleted' })
  })

  it('is finished after a restart, when neither the place nor anything else has the content any more (57)', async () => {
    const made = lab()
    const { file } = await runningMalware(made)
    const content = readFileSync(file)
    await made.treater.treat(await made.order(file))
    const after = made.again({ ports: { bootToken: () => 'boot-2' } })
    open.push(after)
    const left = readdirSync(made.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    expect(left.filter((bytes) => bytes.includes(content))).toEqual([])
    expect(await after.treater.replayPending()).toMatchObject([{ outcome: { status: 'deleted' }, attempts: 1 }])
    expect(await after.treater.replayPending()).toEqual([])
  })

  it('does not touch what took the path before the restart (58)', async () => {
    for (const put of [
      (file: string) => writeFileSync(file, 'another file'),
      (file: string, victim: string) => symlinkSync(victim, file),
    ]) {
      const made = lab()
      const { file } = await runningMalware(made)
      const content = readFileSync(file)
      const victim = made.write('victim', content)
      await made.treater.treat(await made.order(file))
      put(file, victim)
      const after = made.again({ ports: { bootToken: () => 'boot-2' } })
      open.push(after)
      expect(await after.treater.replayPending()).toMatchObject([{ outcome: { status: 'changed' } }])
      expect(exists(file)).toBe(true)
      expect(readFileSync(victim).equals(content)).toBe(true)
    }
  })

  it('treats the same content again when it came back before the restart', async () => {
    const made = lab()
    const { file } = await runningMalware(made)
    const content = readFileSync(file)
    await made.treater.treat(await made.order(file))
    writeFileSync(file, content)
    const after = made.again({ ports: { bootToken: () => 'boot-2' } })
    open.push(after)
    expect(await after.treater.replayPending()).toMatchObject([{ outcome: { status: 'deleted' }, attempts: 1 }])
    expect(exists(file)).toBe(false)
  })

  it('gives up after three restarts', async () => {
    let made = lab()
    const first = await runningMalware(made)
    await made.treater.treat(await made.order(first.file))
    const results = []
    for (const boot of ['boot-2', 'boot-3', 'boot-4']) {
      // The malware is there again and runs again each time.
      rmSync(first.file, { force: true })
      const { file } = await runningMalware(made)
      expect(file).toBe(first.file)
      made = made.again({ ports: { bootToken: () => boot } })
      open.push(made)
      results.push(...(await made.treater.replayPending()))
    }
    expect(results.map((result) => result.outcome.status)).toEqual(['at-restart', 'at-restart', 'failed'])
    expect(results[2]).toMatchObject({ outcome: { code: 'needs-manual-removal' }, attempts: 3 })
    expect(await made.treater.replayPending()).toEqual([])
  })
})
