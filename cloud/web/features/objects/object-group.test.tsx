// What stands at a group while an action on it is under way, rendered without a browser.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import type { CommandBody } from '#shared/domain/command.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { sampleCommand, sampleDevice, sampleTime, uuid } from '../../testing/samples.ts'
import { ObjectGroup } from './ObjectGroup.tsx'
import type { GroupPage } from './use-objects.ts'

const group: GroupPage = {
  kind: 'group',
  total: 11,
  risk: { high: 1, medium: 10, low: 0 },
  foundBy: ['quick'],
  oldestAt: sampleTime,
  newestAt: sampleTime,
}

it('a planned action on a group is cancelled by a button that names it', () => {
  const body: CommandBody = { kind: 'detections.act', args: { action: 'process', ids: [uuid(1) as DetectionId] } }
  const planned = sampleCommand(1, 'planned', { body, objectCount: 11 })
  const html = renderToStaticMarkup(
    <MantineProvider>
      <ObjectGroup card={sampleDevice(1)} commands={[planned]} now={new Date(sampleTime)} group={group} atRestart={0} />
    </MantineProvider>,
  )
  expect(html).toContain('aria-label="Cancel Process 11 objects"')
  expect(html).not.toContain('Process all</span>')
})
