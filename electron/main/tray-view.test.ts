import { describe, expect, it } from 'vitest'
import { platformHasTray, trayView } from './tray-view.ts'

type State = Parameters<typeof trayView>[0]

const state = (status: string, problems: object[] = [], running: object | null = null, engine = 'ready') =>
  ({
    protection: { rev: 1, value: { status, problems, engine } },
    scan: { rev: 1, value: { running } },
  }) as unknown as State
const problem = (grade: string, ignored = false) => ({ grade, ignored })
const running = {
  type: 'full',
  origin: { kind: 'remote', account: 'anna@lindqvist.example' },
  progress: { percent: 37.9 },
}

describe('the tray', () => {
  it('says state and number of problems', () => {
    expect(trayView(state('protected'))).toEqual({ icon: 'protected', tooltip: 'Kaspersky: protected', canScan: true })
    const atRisk = trayView(state('at-risk', [problem('critical'), problem('important'), problem('important', true)]))
    expect(atRisk).toMatchObject({ icon: 'at-risk', tooltip: 'Kaspersky: at risk, 2 problems' })
    expect(trayView(state('needs-attention', [problem('important')])).tooltip).toBe(
      'Kaspersky: needs attention, 1 problem',
    )
  })

  it('says that a scan runs and who asked, without hiding red or yellow', () => {
    const busy = trayView(state('protected', [], running))
    expect(busy.icon).toBe('busy')
    expect(busy.tooltip).toBe('Kaspersky: protected, Full Scan 37 %, started remotely by anna@lindqvist.example')
    expect(busy.canScan).toBe(false)
    expect(trayView(state('at-risk', [], running)).icon).toBe('at-risk')
  })

  it('is off when the engine does not run', () => {
    expect(trayView(state('at-risk', [], null, 'failed'))).toMatchObject({ icon: 'off', canScan: false })
  })
})

describe('where there is a tray', () => {
  const bus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus' }
  it.each([
    ['win32', {}, true],
    ['darwin', {}, true],
    ['linux', {}, false],
    ['linux', { ...bus, XDG_CURRENT_DESKTOP: 'GNOME' }, false],
    ['linux', { ...bus, XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' }, true],
    ['linux', { ...bus, XDG_CURRENT_DESKTOP: 'KDE' }, true],
    ['linux', { XDG_CURRENT_DESKTOP: 'KDE' }, false],
  ] as const)('%s %j: %s', (platform, env, has) => {
    expect(platformHasTray(platform, env)).toBe(has)
  })
})
