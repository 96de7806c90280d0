// Start-up, idle memory and idle CPU of the app against an Electron app with an empty window, turn by turn in one run.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openWindow, type ShownWindow } from '../support/electron-window.ts'
import { type Findings, median } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { cpuPercent, memoryMiB, processTree } from '../support/machine.ts'
import { inProject } from '../support/project.ts'
import { pause } from '../support/wait.ts'

const runs = 7
const settleMs = 8000
const idleMs = 10_000

export function startUp(): Promise<Findings> {
  return inFolder(async (folder) => {
    const open = { app: () => openApp(folder), empty: () => openEmpty(folder) }
    // The first start makes the data folder and fills the file cache; it is told beside the others.
    const firstMs = await timeOf(open.app)
    await timeOf(open.empty)
    const app: number[] = []
    const empty: number[] = []
    for (let run = 0; run < runs; run++) {
      app.push(await timeOf(open.app))
      empty.push(await timeOf(open.empty))
    }
    const idleEmpty = await idle(open.empty)
    const idleApp = await idle(open.app)
    const peer = (value: number) => ({ name: 'empty Electron window', value })
    return {
      figures: [
        {
          name: 'process start to heading of Home shown, median',
          value: median(app),
          unit: 'ms',
          peer: peer(median(empty)),
          goal: '<= 1,500 ms, <= 2.5x',
        },
        { name: 'the same, slowest', value: Math.max(...app), unit: 'ms', peer: peer(Math.max(...empty)) },
        { name: 'the same, very first start', value: firstMs, unit: 'ms' },
        {
          name: 'idle memory (PSS, all processes)',
          value: idleApp.memory,
          unit: 'MiB',
          peer: peer(idleEmpty.memory),
          goal: '<= 1.6x',
        },
        { name: 'idle CPU of one core', value: idleApp.cpu, unit: '%', peer: peer(idleEmpty.cpu), goal: '< 1 %' },
      ],
      notes: [
        `${runs} runs turn by turn on a virtual display without a GPU, after one start of each that is not counted.`,
        `Idle: ${settleMs / 1000} s after the window was shown, CPU over ${idleMs / 1000} s. Processes: app ${idleApp.processes} (its engine with the databases among them), empty ${idleEmpty.processes}.`,
      ],
    }
  })
}

function openApp(folder: string): Promise<ShownWindow> {
  const area = join(folder, 'area')
  const temp = join(folder, 'tmp')
  for (const each of [area, temp]) mkdirSync(each, { recursive: true })
  return openWindow({
    app: inProject(),
    profile: join(folder, 'app-profile'),
    env: {
      TMPDIR: temp,
      PROTECTION_DATA_DIR: join(folder, 'data'),
      PROTECTION_QUICK_AREAS: area,
      PROTECTION_FULL_AREAS: area,
      PROTECTION_WATCHED_FOLDERS: area,
    },
  })
}

function openEmpty(folder: string): Promise<ShownWindow> {
  return openWindow({ app: inProject('bench/peers/empty-electron/main.mjs'), profile: join(folder, 'empty-profile') })
}

async function timeOf(open: () => Promise<ShownWindow>): Promise<number> {
  const window = await open()
  await window.close()
  return window.usableMs
}

async function idle(open: () => Promise<ShownWindow>): Promise<{ memory: number; cpu: number; processes: number }> {
  const window = await open()
  try {
    await pause(settleMs)
    const cpu = await cpuPercent(window.pid, idleMs)
    return { memory: memoryMiB(window.pid), cpu, processes: processTree(window.pid).length }
  } finally {
    await window.close()
  }
}
