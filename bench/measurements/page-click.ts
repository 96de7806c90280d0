// From the page's request to the page seeing the scan running on the device, and to its end, over quick scans of an empty
// folder. Portal with its embedded database.
import { join } from 'node:path'
import { type Findings, percentile } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { memoryMiB } from '../support/machine.ts'
import { withRig } from '../support/remote-rig.ts'
import { pause } from '../support/wait.ts'

// The portal allows 30 commands a minute.
const clicks = 20
const warmUp = 2

export function pageClick(): Promise<Findings> {
  return inFolder((folder) =>
    withRig(join(folder, 'rig'), async (rig) => {
      await rig.startApp(50)
      const running: number[] = []
      const done: number[] = []
      for (let click = 0; click < warmUp + clicks; click++) {
        const seen = await rig.command({ kind: 'scan.start', args: { type: 'quick' } }, 30_000)
        if (click >= warmUp) running.push(seen.running.ms)
        if (click >= warmUp) done.push(seen.end.ms)
        await pause(300)
      }
      const figure = (name: string, value: number, goal?: string) => ({
        name,
        value,
        unit: 'ms',
        ...(goal ? { goal } : {}),
      })
      return {
        figures: [
          figure('page click to scan running, p50', percentile(running, 50)),
          figure('page click to scan running, p95', percentile(running, 95), '<= 500 ms'),
          figure('page click to scan done, p50', percentile(done, 50)),
          figure('page click to scan done, p95', percentile(done, 95)),
          {
            name: 'portal, memory with 1 device (PSS)',
            value: memoryMiB(rig.portalPid),
            unit: 'MiB',
            goal: '<= 450 MB with 50',
          },
        ],
        notes: [
          `${clicks} commands one after the other after ${warmUp} that are not counted; one device, one page, all on loopback.`,
          'The time ends when the page has been told, so it holds the way back as well.',
        ],
      }
    }),
  )
}
