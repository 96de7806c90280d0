import { beforeEach, expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { useMirror } from '../state/mirror.ts'
import type { AppClient } from './app-client.ts'
import { connectMirror } from './connect.ts'

beforeEach(() => useMirror.setState({ state: null, early: [], failure: null }))

const topics = (rev: number, value: string) => ({ scan: { rev, value } }) as unknown as AppState

function fakeClient(answers: (() => Promise<AppState>)[]) {
  let listener: (change: Partial<AppState>) => void = () => undefined
  const order: string[] = []
  const client = {
    call: () => {
      order.push('snapshot')
      return answers.shift()?.() ?? Promise.reject(new Error('none'))
    },
    on: (_name: string, given: (change: Partial<AppState>) => void) => {
      order.push('listen')
      listener = given
      return () => undefined
    },
  } as unknown as AppClient
  return { client, order, emit: (change: Partial<AppState>) => listener(change) }
}

it('listens before it asks, and loses nothing that comes in between', async () => {
  let resolve: (state: AppState) => void = () => undefined
  const answer = new Promise<AppState>((given) => {
    resolve = given
  })
  const { client, order, emit } = fakeClient([() => answer])
  connectMirror(client)
  expect(order).toEqual(['listen', 'snapshot'])
  emit(topics(8, 'newer than the snapshot'))
  emit(topics(6, 'older than the snapshot'))
  resolve(topics(7, 'snapshot'))
  await expect.poll(() => useMirror.getState().state?.scan).toEqual({ rev: 8, value: 'newer than the snapshot' })
})

it('ignores news that are older than what it has', async () => {
  const { client, emit } = fakeClient([async () => topics(7, 'snapshot')])
  connectMirror(client)
  await expect.poll(() => useMirror.getState().state).not.toBeNull()
  emit(topics(7, 'same'))
  emit(topics(3, 'old'))
  expect(useMirror.getState().state?.scan.value).toBe('snapshot')
})

it('says why there is no snapshot, and can try again', async () => {
  const { client } = fakeClient([() => Promise.reject(new Error('gone')), async () => topics(1, 'here')])
  const again = connectMirror(client)
  await expect.poll(() => useMirror.getState().failure).toBeInstanceOf(Error)
  await again()
  expect(useMirror.getState().failure).toBeNull()
  expect(useMirror.getState().state?.scan.value).toBe('here')
})
