// What the opened row of an object offers and advises, rendered without a browser.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import type { Detection } from '#shared/domain/detection.ts'
import { infectedDetection } from '#shared/testing/detections.ts'
import { initialState } from '../../../electron/client/state/initial-state.ts'
import { testDevice } from '../../../electron/client/testing/memory-ports.ts'
import { useMirror } from '../../state/mirror.ts'
import { DetectedDetails } from './DetectedDetails.tsx'

beforeAll(() => {
  const topics = Object.entries(initialState('http://localhost:1', testDevice))
  const state = Object.fromEntries(topics.map(([name, value]) => [name, { rev: 1, value }])) as unknown as AppState
  // Rendered without a browser, a store shows what it began with.
  Object.assign(useMirror.getInitialState(), { state })
})

const nothing = () => undefined

function markup(change: Partial<Detection>): string {
  const detection = infectedDetection('Own.Name', { path: { text: '/usr/bin/tool' }, ...change })
  return renderToStaticMarkup(
    <MantineProvider>
      <DetectedDetails
        detection={detection}
        onAct={nothing}
        onDeleteWithoutCopy={nothing}
        onKeepLargeCopy={nothing}
        onElevate={nothing}
      />
    </MantineProvider>,
  )
}

describe('the opened row of an object', () => {
  const needed = { state: 'failed', reason: 'needs-administrator' } as const

  it('offers to continue as administrator where the system can ask for one, and only then', () => {
    expect(markup({ ...needed, canElevate: true })).toContain('Continue as administrator</span>')
    expect(markup(needed)).not.toContain('Continue as administrator')
    expect(markup({ ...needed, canElevate: true, busy: true })).not.toContain('Continue as administrator</span>')
    // Nothing else can be done about it before the restart.
    expect(markup({ state: 'at-restart', canElevate: true })).toContain('Continue as administrator</span>')
  })

  it('says of a protected object that it may be a false alarm, and what to do', () => {
    const html = markup({ state: 'protected', reason: 'object-protected', protectedBy: 'package-file' })
    expect(html).toContain('What to do')
    expect(html).toContain('This may be a false alarm: it is exactly as a package of the system brought it.')
  })
})

it('offers a large copy only where the size alone stands in the way', () => {
  expect(markup({ state: 'backup-failed', reason: 'too-large' })).toContain('Disinfect with a large copy')
  expect(markup({ state: 'backup-failed', reason: 'disk-full' })).not.toContain('Disinfect with a large copy')
  expect(markup({ state: 'backup-failed', reason: 'too-large', busy: true })).not.toContain('large copy<')
})
