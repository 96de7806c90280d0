import { expect, it } from 'vitest'
import type { Origin } from '#shared/domain/treatment.ts'
import { defaultSettings } from '#shared/files/settings-file.ts'
import { optionsOf } from './scan-areas.ts'

const commandId = '00000000-0000-4000-8000-000000000001'

it.each<[Origin, number]>([
  [{ kind: 'local' }, 100],
  [{ kind: 'remote', commandId, account: 'a' }, 40],
  [{ kind: 'schedule' }, 40],
  [{ kind: 'restart' }, 40],
  [{ kind: 'real-time' }, 40],
])('a scan of %o keeps within the ceiling of the settings unless somebody waits for it', (origin, percent) => {
  const settings = { ...defaultSettings, scan: { ...defaultSettings.scan, remoteLoadCeilingPercent: 40 } }
  expect(optionsOf(origin, settings, []).loadCeilingPercent).toBe(percent)
})
