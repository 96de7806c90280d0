import { describe, expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { ProductError } from '#shared/errors.ts'
import { appContract } from '#shared/ipc/app-contract.ts'
import { answerContract } from '#shared/rpc/serve.ts'
import type { Client } from '../client/client.ts'
import { createAppHandlers, type MainActs } from './app-handlers.ts'
import type { WindowName } from './window.ts'

const id = crypto.randomUUID()

function handled({ isSure = true }: { isSure?: boolean } = {}) {
  const done: string[] = []
  const mainCalls = [
    'window.openMain',
    'window.openSignIn',
    'window.closeSignIn',
    'external.open',
    'dialog.pickPaths',
    'history.save',
  ]
  const names = Object.keys(appContract.calls).filter((name) => !mainCalls.includes(name))
  const answers: Record<string, unknown> = {
    'quarantine.restore': { path: { text: '/a' }, notKept: [], replaced: false },
    'detections.restore': { done: 1, failed: 0, needRestart: 0 },
    'detections.deleteWithoutCopy': { done: 1, failed: 0, needRestart: 0 },
    'quarantine.delete': { deleted: 1, held: 0 },
    'alert.act': { done: 1, failed: 0, needRestart: 0 },
  }
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        done.push(name)
        return answers[name] ?? {}
      },
    ]),
  )
  const acts: MainActs = {
    openMain: () => done.push('main'),
    openSignIn: () => done.push('opened'),
    closeSignIn: () => done.push('closed'),
    openExternal: async (page) => void done.push(page),
    pickPaths: async () => ['/home/anna'],
    saveFile: async ({ name }, text) => {
      done.push(`saved ${text}`)
      return `/home/anna/${name}`
    },
    confirm: async ({ title }) => {
      done.push(`asked ${title}`)
      return isSure
    },
  }
  const state = {
    detections: { value: { recent: [] } },
    quarantine: { value: { newest: [] } },
    restart: { value: { pending: [], request: null } },
    settings: { value: { quarantine: { retentionDays: 30 } } },
  } as unknown as AppState
  const reportFile: Client['reportFile'] = ({ search }, format) => ({
    name: `report.${format}`,
    text: `report of ${search}`,
    events: 3,
  })
  const client = { handlers, state: () => state, reportFile } as unknown as Client
  const ask = (name: string, input: unknown, window: WindowName = 'main') =>
    answerContract(appContract, createAppHandlers(client, acts), { window })(name, input, new AbortController().signal)
  return { ask, done }
}

const restore = { id, targetFolder: null, newName: null, makeFolder: false, exclude: false }
const undo = { ids: [id], exclude: false }

describe('dangerous acts', () => {
  it('are carried out after the person said yes', async () => {
    const { ask, done } = handled()
    await ask('quarantine.restore', restore)
    await ask('detections.restore', undo)
    await ask('detections.deleteWithoutCopy', { ids: [id] })
    await ask('quarantine.delete', { ids: [id] })
    await ask('account.disconnect', {})
    await ask('restart.now', {})
    expect(done.map((entry) => entry.split(' ')[0])).toEqual([
      'asked',
      'quarantine.restore',
      'asked',
      'detections.restore',
      'asked',
      'detections.deleteWithoutCopy',
      'asked',
      'quarantine.delete',
      'asked',
      'account.disconnect',
      'asked',
      'restart.now',
    ])
  })

  it('do not reach the client after Cancel', async () => {
    const { ask, done } = handled({ isSure: false })
    for (const [name, input] of [
      ['quarantine.restore', restore],
      ['detections.restore', undo],
      ['detections.deleteWithoutCopy', { ids: [id] }],
      ['quarantine.delete', { ids: [id] }],
      ['account.disconnect', {}],
      ['restart.now', {}],
    ] as const) {
      await expect(ask(name, input)).rejects.toEqual(expect.objectContaining({ code: 'aborted' }))
    }
    expect(done.every((entry) => entry.startsWith('asked'))).toBe(true)
  })
})

describe('a report', () => {
  const selection = { filter: 'all', search: 'x', format: 'csv' }

  it('is saved where the person says, and the window is told where', async () => {
    const { ask, done } = handled()
    expect(await ask('history.save', selection)).toEqual({ path: '/home/anna/report.csv', events: 3 })
    expect(done).toEqual(['saved report of x'])
  })

  it('is saved for the main window only, and never at a place that a window names', async () => {
    const { ask, done } = handled()
    await expect(ask('history.save', selection, 'object-alert')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask('history.save', { ...selection, path: '/etc/passwd' })).rejects.toMatchObject({
      code: 'bad-request',
    })
    expect(done).toEqual([])
  })
})

describe('settings', () => {
  const shorter = { quarantine: { retentionDays: 7, limitBytes: 1_000 } }
  const longer = { quarantine: { retentionDays: 60, limitBytes: 1 } }

  it('that delete copies from Quarantine are changed after a question only, all others at once', async () => {
    const sure = handled()
    await sure.ask('settings.change', longer)
    await sure.ask('settings.change', { theme: 'dark' })
    expect(sure.done).toEqual(['settings.change', 'settings.change'])
    await sure.ask('settings.change', shorter)
    expect(sure.done.slice(2)).toEqual(['asked Keep copies for 7 days only?', 'settings.change'])
    const unsure = handled({ isSure: false })
    await expect(unsure.ask('settings.change', shorter)).rejects.toMatchObject({ code: 'aborted' })
    expect(unsure.done).toEqual(['asked Keep copies for 7 days only?'])
  })
})

describe('which window may ask what', () => {
  it('the sign-in window signs in, and nothing else', async () => {
    const { ask, done } = handled()
    await ask('account.signIn', { email: 'anna@lindqvist.example', password: 'x' }, 'sign-in')
    await ask('window.closeSignIn', {}, 'sign-in')
    for (const [name, input] of [
      ['quarantine.delete', { ids: [id] }],
      ['detections.act', { ids: [id], action: 'skip' }],
      ['scan.control', { action: 'stop' }],
      ['settings.change', { theme: 'dark' }],
      ['account.disconnect', {}],
      ['dialog.pickPaths', { kind: 'files' }],
    ] as const) {
      await expect(ask(name, input, 'sign-in')).rejects.toBeInstanceOf(ProductError)
    }
    expect(done).toEqual(['account.signIn', 'closed'])
  })

  it('an alert answers what it asks, and nothing else', async () => {
    const { ask, done } = handled()
    const own = [
      ['object-alert', 'alert.act', { id, action: 'skip', all: false }],
      ['infection-alert', 'infection.choose', { choice: 'with-restart' }],
      ['restart-alert', 'restart.answer', { kind: 'now' }],
    ] as const
    for (const [window, name, input] of own) await ask(name, input, window)
    expect(done).toEqual(own.map(([, name]) => name))
    for (const [window] of own) {
      for (const [, name, input] of own.filter(([other]) => other !== window))
        await expect(ask(name, input, window)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(ask('settings.change', { theme: 'dark' }, window)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(ask('detections.act', { ids: [id], action: 'skip' }, window)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
  })

  it('the main window can restart the computer only after a native question', async () => {
    const { ask, done } = handled({ isSure: false })
    await expect(ask('restart.answer', { kind: 'now' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask('infection.choose', { choice: 'with-restart' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask('restart.now', {})).rejects.toMatchObject({ code: 'aborted' })
    expect(done).toEqual(['asked Restart the computer now?'])
  })

  it('a call that no handler has is refused', async () => {
    const { ask } = handled()
    await expect(ask('constructor', {})).rejects.toMatchObject({ code: 'unknown-call' })
  })
})
