// Alert windows come and go with the state of the client.
import { expect, it, vi } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { alertPlace, alertSize } from './alert-place.ts'

vi.mock('electron', () => ({ BrowserWindow: class {}, nativeTheme: {}, screen: {} }))
const { followAlerts, wantedAlerts } = await import('./alert-windows.ts')

const state = (value: { object?: object; infection?: object; request?: object }) =>
  ({
    alerts: { rev: 1, value: { object: value.object ?? null, infection: value.infection ?? null } },
    restart: { rev: 1, value: { pending: [], request: value.request ?? null } },
  }) as unknown as AppState

function followed() {
  let now = state({})
  let tell: (changed: Partial<AppState>) => void = () => undefined
  const open = new Set<string>()
  const done: string[] = []
  const alerts = followAlerts({
    client: {
      state: () => now,
      onTopic: (listener) => {
        tell = listener
        return () => undefined
      },
      handlers: {
        'alert.dismiss': ({ alert }: { alert: string }) => {
          done.push(`dismissed ${alert}`)
          return {}
        },
      } as never,
    },
    windows: {
      open: (name) => {
        done.push(`open ${name}`)
        open.add(name)
        return {} as never
      },
      get: (name) => (open.has(name) ? ({} as never) : null),
      destroy: (name) => {
        done.push(`closed ${name}`)
        open.delete(name)
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const change = (value: Parameters<typeof state>[0]) => {
    now = state(value)
    tell({ alerts: now.alerts, restart: now.restart })
  }
  return { alerts, change, done, open }
}

it('a window opens once for what is asked, stays while it changes, and closes by itself when nothing is', () => {
  const { change, done } = followed()
  change({ infection: { phase: 'asking', leftMs: 120_000, isHidden: false } })
  change({ infection: { phase: 'asking', leftMs: 119_000, isHidden: false } })
  change({ infection: { phase: 'done' }, object: {} })
  change({ object: {} })
  change({})
  expect(done).toEqual(['open infection-alert', 'open object-alert', 'closed infection-alert', 'closed object-alert'])
})

it('a window that the person closed is told to the client, and comes back only for news', () => {
  const { alerts, change, done, open } = followed()
  change({ infection: { phase: 'asking', isHidden: false } })
  open.delete('infection-alert')
  alerts.closed('infection-alert')
  expect(done).toEqual(['open infection-alert', 'dismissed infection'])
  change({ infection: { phase: 'asking', isHidden: true } })
  expect(open.size).toBe(0)
  change({ infection: { phase: 'done' } })
  expect([...open]).toEqual(['infection-alert'])
})

it('a restart that was put off has no window', () => {
  expect(wantedAlerts(state({ request: { stage: 'waiting' } }))).toEqual(['restart'])
  expect(wantedAlerts(state({ request: { stage: 'postponed' } }))).toEqual([])
  expect(wantedAlerts(state({ request: { stage: 'restarting' } }))).toEqual(['restart'])
})

it('stands inside the screen, and no alert hides the name of another', () => {
  const area = { x: 100, y: 30, width: 1920, height: 1050 }
  const places = (['object', 'infection', 'restart'] as const).map((kind) => alertPlace(kind, area))
  for (const { x, y } of places) {
    expect(x).toBeGreaterThanOrEqual(area.x)
    expect(x + alertSize.width).toBeLessThanOrEqual(area.x + area.width)
    expect(y + alertSize.height).toBeLessThanOrEqual(area.y + area.height)
  }
  expect(new Set(places.map(({ y }) => y)).size).toBe(3)
  expect(alertPlace('object', { x: 0, y: 0, width: 320, height: 240 })).toEqual({ x: 0, y: 0 })
})
