// What the alert windows offer and say to screen readers, rendered without a browser.
import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { InfectionAlert } from '#shared/domain/alerts.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { RestartRequest } from '#shared/domain/restart.ts'
import { infectedDetection } from '#shared/testing/detections.ts'
import type { AppClient } from '../../bridge/app-client.ts'
import { ClientContext } from '../../bridge/client-context.tsx'
import { Asking } from './InfectionAlertWindow.tsx'
import { InfectionDone } from './InfectionDone.tsx'
import { mainAction, Asked as ObjectAsked } from './ObjectAlertWindow.tsx'
import { PlanDetails } from './PlanDetails.tsx'
import { Asked as RestartAsked } from './RestartAlertWindow.tsx'

const id = '00000000-0000-4000-8000-000000000001'
const at = '2026-03-01T10:00:00.000Z'
const client = {} as AppClient

function markup(content: ReactNode): string {
  return renderToStaticMarkup(
    <MantineProvider>
      <ClientContext value={client}>{content}</ClientContext>
    </MantineProvider>,
  )
}

/** The names of all buttons, in their order. */
function buttons(html: string): string[] {
  return [...html.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)].map(
    ([, attributes = '', content = '']) =>
      / aria-label="([^"]*)"/.exec(attributes)?.[1] ?? content.replace(/<[^>]*>/g, ''),
  )
}

/** What a screen reader says of a dialog besides its name. */
function described(html: string): string {
  const ids = /aria-describedby="([^"]*)"/.exec(html)?.[1]?.split(' ') ?? []
  const parts = ids.map((about) => html.slice(html.indexOf(`id="${about}"`)))
  return parts.map((part) => part.slice(0, part.search(/<\/d(?:l|iv)>/)).replace(/<[^>]*>/g, ' ')).join(' ')
}

const detection = (change: Partial<Detection> = {}): Detection =>
  infectedDetection('Macro.Dropper', { id, path: { text: '/home/anna/Documents/Clients/report.docm' }, ...change })

describe('the window about an object', () => {
  const shown = (change: Partial<Detection> = {}, waiting = 3) =>
    markup(<ObjectAsked alert={{ detection: detection(change), position: 1, total: 3, waiting }} />)

  it('is a dialog that names the object, its place, what it is and why that is bad', () => {
    const html = shown()
    expect(html).toMatch(/role="alertdialog" aria-labelledby="([^"]+)".*<h1[^>]*id="\1"/s)
    for (const words of ['report.docm', 'Clients', 'Macro.Dropper', 'High', 'matches known malware'])
      expect(described(html)).toContain(words)
    expect(html).toContain('1 of 3')
    expect(html).toMatch(/role="status">Object 1 of 3: report\.docm, Macro\.Dropper, high risk</)
    expect(buttons(html)).toEqual(['Show details', 'Skip', 'Copy to quarantine', 'Delete', 'Disinfect'])
    expect(html).toContain('Do the same for all 3 objects')
  })

  it('offers nothing for all when only one is left', () => {
    expect(shown({}, 1)).not.toContain('type="checkbox"')
  })

  it('advises Delete where it cannot be disinfected, and Skip for what is legitimate', () => {
    expect(mainAction(detection({ state: 'failed', reason: 'cannot-disinfect' }))).toBe('delete')
    const risky = detection({ verdict: 'risky', risk: 'low' })
    expect(mainAction(risky)).toBe('skip')
    expect(buttons(shown({ verdict: 'risky', risk: 'low' })).at(-1)).toBe('Skip')
  })

  it('says why the last act did not work, and offers what is left', () => {
    const html = shown({ state: 'failed', reason: 'no-permission' })
    expect(html).toMatch(/role="alert"[^>]*>Failed: no access\. /)
    expect(buttons(shown({ state: 'protected', reason: 'object-protected' }))).toEqual(['Show details', 'Skip'])
  })

  it('says that the whole archive goes with one member', () => {
    const findings = [
      { member: ['eicar.com'], threat: 'Test', verdict: 'infected' as const, detector: 'hash' as const },
    ]
    const html = shown({ findings, path: { text: '/home/anna/test.zip' } })
    expect(html).toContain('test.zip › eicar.com')
    expect(html).toContain('Delete takes the whole archive')
  })
})

const about = {
  objects: [{ id, path: '/opt/sync/svchelper', threat: 'Trojan.Loader' }],
  total: 1,
  plan: {
    processes: [{ pid: 4128, name: 'svchelper', user: 'anna', willEnd: true, program: '/opt/sync/svchelper' }],
    autostart: [{ kind: 'systemd', entry: 'ExecStart=/opt/sync/svchelper', file: '/etc/systemd/system/sync.service' }],
    files: [{ path: '/opt/sync/svchelper', threat: 'Trojan.Loader' }],
    more: 0,
  },
} as unknown as Pick<InfectionAlert, 'objects' | 'total' | 'plan'>

describe('the window about an active infection', () => {
  const asking = (change: object = {}) =>
    markup(
      <Asking
        alert={{
          phase: 'asking',
          ...about,
          leftMs: 104_000,
          isPaused: false,
          atZero: 'without-restart',
          byItself: 'disinfect',
          isHidden: false,
          ...change,
        }}
      />,
    )

  it('names what runs, and what is chosen by itself', () => {
    const html = asking()
    expect(html).toContain('Trojan.Loader')
    expect(html).toContain('svchelper')
    expect(html).toContain('process 4128')
    expect(html.match(/type="radio"/g)).toHaveLength(2)
    expect(html).toMatch(
      /Try to disinfect without computer reboot<.*Recommended\. Chosen by itself when the time is up\./s,
    )
    expect(html.match(/Chosen by itself/g)).toHaveLength(1)
    expect(buttons(html)).toEqual(['Pause the countdown', 'Details', 'Disinfect'])
  })

  it('tells the time at few moments, and keeps the name of its counter while it runs', () => {
    const told = (leftMs: number) => /role="status">([^<]*)</.exec(asking({ leftMs }))?.[1]
    expect([104_000, 60_001, 60_000, 59_000, 31_000, 30_000, 9_000].map(told)).toEqual(
      ['', '', '60', '60', '60', '30', '10'].map((seconds) => (seconds === '' ? '' : `${seconds} seconds left`)),
    )
    expect(buttons(asking({ leftMs: 9_000 }))[0]).toBe('Pause the countdown')
    expect(asking()).toMatch(/role="timer">1:44 left</)
  })

  it('says on its counter that it is paused', () => {
    const html = asking({ isPaused: true })
    expect(html).toMatch(/aria-label="Pause the countdown" aria-pressed="true"/)
    expect(html).toMatch(/role="status">Paused, 1:44 left</)
    expect(html).toContain('Paused. Click the timer to go on.')
  })

  it('says where a restart is chosen by itself', () => {
    const html = asking({ atZero: 'with-restart' })
    expect(html).toMatch(/All programs will close\. Chosen by itself when the time is up\./)
    expect(buttons(html).at(-1)).toBe('Disinfect and reboot')
  })

  it.each([
    ['cure', /Recommended\. Chosen by itself when the time is up; by your settings nothing is deleted then\./],
    ['delete', /Chosen by itself when the time is up; by your settings it is deleted then, with a copy kept\./],
    ['nothing', /Recommended\. By your settings nothing is done by itself when the time is up\./],
  ])('promises no more than the settings allow by themselves: %s', (byItself, words) => {
    expect(asking({ byItself })).toMatch(words)
  })

  it('tells the last seconds to screen readers, not every one', () => {
    const told = (leftMs: number) => /role="status"[^>]*>([^<]*)</.exec(asking({ leftMs }))?.[1]
    expect(told(61_000)).toBe('')
    expect(told(60_000)).toBe('60 seconds left')
    expect(told(29_500)).toBe('30 seconds left')
    expect(told(9_000)).toBe('10 seconds left')
  })

  it('shows everything that will be treated before anything is', () => {
    const html = markup(<PlanDetails plan={about.plan} />)
    for (const words of [
      'process 4128 of anna, will be ended',
      'ExecStart=/opt/sync/svchelper',
      'Service, the entry is removed',
      'sync.service',
    ])
      expect(html).toContain(words)
    expect([...html.matchAll(/aria-label="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      'Running now',
      'Starts by itself',
      'Files',
    ])
  })

  const done = (change: object) =>
    markup(
      <InfectionDone
        alert={{
          phase: 'done',
          ...about,
          choice: 'without-restart',
          done: 1,
          gone: 0,
          failed: 0,
          left: 0,
          needRestart: 0,
          restart: 'none',
          ...change,
        }}
        onClose={() => undefined}
      />,
    )

  it.each([
    [{}, 'Active infection disinfected', ['Close', 'Full Scan']],
    [{ done: 0, failed: 1 }, 'Not everything was disinfected', ['Close', 'Review', 'Full Scan']],
    [{ done: 0, failed: 1, left: 1 }, '1 object left as it is.', ['Close', 'Review', 'Full Scan']],
    [{ gone: 1 }, '1 object no longer there.', ['Close', 'Full Scan']],
    [{ done: 0, needRestart: 1 }, 'Restart needed to finish disinfection', ['Close', 'Full Scan', 'Restart computer']],
    [{ restart: 'refused' }, 'The computer was not restarted', ['Close', 'Full Scan', 'Restart computer']],
    [{ restart: 'asked' }, 'Restarting…', []],
    [{ restart: 'restarted' }, 'Disinfected, the computer was restarted', ['Close', 'Full Scan']],
  ])('ends with %j as "%s"', (change, title, offered) => {
    const html = done(change)
    expect(html).toContain(title)
    expect(buttons(html)).toEqual(offered)
  })
})

describe('the window about a restart', () => {
  const request = (change: Partial<RestartRequest> = {}): RestartRequest =>
    ({
      commandId: id,
      account: 'anna@x.example',
      askedAt: at,
      stage: 'waiting',
      againAt: null,
      ...change,
    }) as RestartRequest
  const shown = (change: Partial<RestartRequest> = {}) =>
    markup(<RestartAsked request={request(change)} pending={[{ name: 'service', threat: 'T', holder: 'sleep' }]} />)

  it('says who asks and what for, and has no countdown', () => {
    const html = shown()
    expect(html).toContain('anna@x.example')
    expect(html).toContain('The restart finishes the disinfection of service.')
    expect(html).toContain('Nothing happens until you choose.')
    expect(buttons(html)).toEqual(['Decline', 'Postpone', 'Restart now'])
  })

  it('says that the system did not allow it', () => {
    expect(shown()).not.toContain('role="alert"')
    expect(shown({ stage: 'refused' })).toMatch(/role="alert"[^>]*>The computer was not restarted\./)
  })
})
