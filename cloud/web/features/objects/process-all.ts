// "Process all": disinfect, else delete. More than 10 objects go as the group the portal knows, fewer as exactly the ids
// that are listed. Owns that choice.
import { actionsFor, isUnprocessed } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { fetchObjects } from '../../bridge/devices.ts'
import { runCommand, runGroupAction } from '../commands/run-command.ts'

/** From a place that does not list the objects. */
export async function processAll(card: DeviceCard): Promise<unknown> {
  try {
    const { page } = await fetchObjects(card.id, 'to-review', 200)
    if (page.kind === 'group') return await runGroupAction(card, 'process')
    return await processListed(card, page.objects)
  } catch (error) {
    const { title, todo } = errorText(error)
    showToast({ kind: 'failed', title, detail: todo })
    return undefined
  }
}

type Listed = Parameters<typeof actionsFor>[0] & { readonly id: ProcessIds[number] }
type ProcessIds = Extract<Parameters<typeof runCommand>[1], { kind: 'detections.act' }>['args']['ids']

/** The ids that can be processed. */
export function processableIds(objects: readonly Listed[]): ProcessIds {
  return objects
    .filter((object) => isUnprocessed(object.state) && actionsFor(object).includes('disinfect'))
    .map((object) => object.id)
}

/** From the list itself. */
export function processListed(card: DeviceCard, objects: readonly Listed[]): Promise<unknown> {
  const ids = processableIds(objects)
  if (ids.length === 0) {
    showToast({
      kind: 'info',
      title: 'Nothing can be processed from here',
      detail: 'What is left has to be dealt with on the device.',
    })
    return Promise.resolve()
  }
  return runCommand(card, { kind: 'detections.act', args: { action: 'process', ids } })
}
