// What the window says about a restart and a countdown elsewhere, rendered without a browser.
import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { AppState, CloudTopic } from '#shared/domain/app-state.ts'
import type { CommandId } from '#shared/domain/ids.ts'
import type { RestartRequest } from '#shared/domain/restart.ts'
import { initialState } from '../../electron/client/state/initial-state.ts'
import { testDevice } from '../../electron/client/testing/memory-ports.ts'
import type { AppClient } from '../bridge/app-client.ts'
import { ClientContext } from '../bridge/client-context.tsx'
import { RemoteCommands } from '../features/profile/RemoteCommands.tsx'
import { useMirror } from '../state/mirror.ts'
import { StateLine } from './StateLine.tsx'

/** A window whose client says this. */
function markup(content: ReactNode, change: Partial<ReturnType<typeof initialState>>): string {
  const topics = Object.entries({ ...initialState('http://localhost:1', testDevice), ...change })
  const state = Object.fromEntries(topics.map(([name, value]) => [name, { rev: 1, value }])) as unknown as AppState
  // Rendered without a browser, a store shows what it began with.
  Object.assign(useMirror.getInitialState(), { state })
  return renderToStaticMarkup(
    <MantineProvider>
      <ClientContext value={{} as AppClient}>{content}</ClientContext>
    </MantineProvider>,
  )
}

const commandId = '00000000-0000-4000-8000-000000000001' as CommandId
const request = (stage: RestartRequest['stage'], againAt: string | null = null): RestartRequest => ({
  commandId,
  stage,
  againAt,
  account: 'anna@example.org',
  askedAt: '2026-03-01T10:00:00.000Z',
})
const later = new Date(Date.now() + 900_000).toISOString()

describe('a restart that was asked for', () => {
  const command: CloudTopic['commands'][number] = {
    id: commandId,
    title: 'Restart',
    account: 'anna@example.org',
    at: '2026-03-01T10:00:00.000Z',
    status: 'Waiting for your answer',
  }
  const row = (asked: RestartRequest | null, status = command.status) =>
    markup(<RemoteCommands commands={[{ ...command, status }]} />, { restart: { pending: [], request: asked } })

  it('stands in Profile as it does on the portal', () => {
    expect(row(request('waiting'))).toContain('Waiting for your answer')
    expect(row(request('postponed', later))).toMatch(/Postponed until /)
    expect(row(request('postponed', later))).not.toContain('Waiting')
    expect(row(request('refused'))).toContain('Not allowed by the system. Waiting for your answer')
    expect(row(request('restarting'))).toMatch(/data-status="busy".*Restarting…/s)
  })

  it('and declined is an answer, not a failure', () => {
    expect(row(null, 'Declined at this computer')).toMatch(/data-status="skipped".*Declined at this computer/s)
    expect(row(null, 'Failed: the disk is full')).toMatch(/data-status="danger"/)
  })

  it('and put off is read out with its time', () => {
    const html = markup(<StateLine />, { restart: { pending: [], request: request('postponed', later) } })
    expect(html).toMatch(/<span class="t-2 tabular">Postponed until /)
  })
})

it('a countdown is not read out while it runs, and is when it is paused', () => {
  const infection = {
    ...{ phase: 'asking', objects: [], total: 1, leftMs: 60_000, atZero: 'without-restart', isHidden: true },
    plan: { processes: [], autostart: [], files: [], more: 0 },
  }
  const line = (isPaused: boolean) =>
    markup(<StateLine />, { alerts: { object: null, infection: { ...infection, isPaused } } as never })
  expect(line(false)).toMatch(/aria-hidden="true">Disinfection begins in /)
  expect(line(true)).toMatch(/<span class="t-2 tabular">Paused\.</)
})
