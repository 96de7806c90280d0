// What the portal says about a restart that was asked for, and what it offers.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { RestartAsked } from '#shared/domain/restart.ts'
import { sampleCommand, sampleDevice, sampleTime, uuid } from '../../testing/samples.ts'
import { ProblemRow } from '../device/ProblemRow.tsx'
import { cardReason } from '../devices/card-text.ts'
import { commandState, commandTitle } from './command-text.ts'

const now = new Date('2026-11-22T13:00:00.000Z')
const body = { kind: 'device.restart', args: {} } as const
const delivered = [
  { status: 'planned', at: sampleTime },
  { status: 'delivered', at: sampleTime },
] as const
const command = (status: CommandRecord['status'], fields: Partial<CommandRecord> = {}) =>
  sampleCommand(1, status, { body, times: [...delivered], ...fields })
const asked = (stage: RestartAsked['stage'], againAt: string | null = null): RestartAsked => ({
  commandId: uuid(1) as RestartAsked['commandId'],
  stage,
  againAt,
})
const time = String.raw`\d{1,2}:\d{2}( [AP]M)?`

describe('a restart', () => {
  it.each([
    ['delivered', null, 'Waiting for the person at the computer'],
    ['running', asked('waiting'), 'Waiting for the person at the computer'],
    ['running', asked('postponed', '2026-11-22T13:15:00.000Z'), `Postponed on the device until ${time}`],
    ['running', asked('refused'), 'Not allowed by its system. Waiting for the person at the computer'],
    ['running', asked('restarting'), 'Restarting…'],
  ] as const)('%s, %j', (status, restart, words) => {
    expect(commandState(command(status), now, restart).text).toMatch(new RegExp(`^${words}$`))
  })

  it.each([
    ['done', { restartedAt: '2026-11-22T12:59:00.000Z' }, `Back since ${time}`],
    ['failed', { error: 'declined' }, 'Declined by the person at the computer'],
    ['cancelled', { stoppedBy: 'portal' }, 'Cancelled'],
    ['expired', null, 'Expired without an answer'],
  ] as const)('that is %s', (status, result, words) => {
    expect(commandState(command(status, { result }), now).text).toMatch(new RegExp(`^${words}$`))
  })

  it('that never reached the computer is a planned command like any other', () => {
    const times = [{ status: 'planned', at: sampleTime }] as const
    expect(commandTitle(command('planned'))).toBe('Restart')
    expect(commandState(command('planned', { times: [...times] }), now).text).toMatch(/^Planned\. Will be cancelled on/)
    expect(commandState(command('expired', { times: [...times] }), now).text).toBe('Expired, offline for 7 days')
  })
})

describe('the problem that a restart is needed', () => {
  const device = (restart: RestartAsked | null, online = true): DeviceCard => {
    const card = sampleDevice(1, { status: 'at-risk', online })
    if (card.state === null) throw new Error('no state')
    return { ...card, state: { ...card.state, restart, problems: [problem] } }
  }
  const problem = {
    key: 'restart-required',
    kind: 'restart-required',
    grade: 'critical',
    values: { names: 'service.', holder: 'sleep (12)' },
    count: 1,
    since: sampleTime,
    fix: 'restart',
    ignored: false,
  } as const
  const row = (restart: RestartAsked | null, commands: readonly CommandRecord[]) =>
    renderToStaticMarkup(
      <MantineProvider>
        <ProblemRow card={device(restart)} problem={problem} commands={commands} now={now} first />
      </MantineProvider>,
    )

  it('offers to ask for one', () => {
    expect(row(null, [])).toMatch(/<button[^>]*>.*Ask to restart/)
  })

  it('says how far the request is, with a way back until the person has agreed', () => {
    const waiting = row(asked('waiting'), [command('running')])
    expect(waiting).toContain('Waiting for the person at the computer')
    expect(waiting).toContain('aria-label="Cancel Restart"')
    expect(waiting).not.toContain('Ask to restart')
    const going = row(asked('restarting'), [command('running')])
    expect(going).toContain('Restarting…')
    expect(going).not.toContain('Cancel')
  })

  it('is told on the card of the device too, also while it is gone for it', () => {
    expect(cardReason(device(asked('waiting')), now)).toEqual({
      title: 'Restart needed to finish disinfection',
      detail: 'Waiting for the person at the computer.',
    })
    const gone = (minutes: number) => {
      const lastContactAt = new Date(now.getTime() - minutes * 60_000).toISOString()
      return cardReason({ ...device(asked('restarting'), false), lastContactAt }, now).title
    }
    expect([gone(3), gone(11)]).toEqual(['Restarting…', 'Did not come back after the restart'])
  })
})
