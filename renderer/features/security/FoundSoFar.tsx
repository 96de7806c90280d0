// The newest objects of the running scan: three, then a link to all of them.
import type { Detection } from '#shared/domain/detection.ts'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { objectName } from '#shared/ui/text/state-text.ts'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { shortStateText } from '../detections/short-state.ts'

const shownObjects = 3

/** Nothing while nothing was found. */
export function FoundSoFar() {
  const { running } = useTopic('scan')
  const { recent } = useTopic('detections')
  if (running === null) return null
  const found = recent.filter((detection) => detection.scanId === running.scanId)
  const count = Math.max(running.progress.counters.found, found.length)
  if (count === 0 || found.length === 0) return null
  return (
    <Group
      title="Found so far"
      count={plural(count, 'object', 'objects')}
      action={<LinkButton onClick={() => goTo('detected')}>Open Detected objects</LinkButton>}
    >
      {found.slice(0, shownObjects).map((detection) => (
        <FoundRow key={detection.id} detection={detection} />
      ))}
    </Group>
  )
}

function FoundRow({ detection }: { readonly detection: Detection }) {
  const { name, folder } = objectName(detection)
  const { status, text } = shortStateText(detection)
  return (
    <div className="found-row">
      <div className="found-object">
        <MiddleCut text={name} className="t-strong" />
        <MiddleCut text={folder} className="t-caption t-3" />
      </div>
      <Ellipsis text={detection.threat} className="t-2" />
      <StatusTag status={status}>{text}</StatusTag>
    </div>
  )
}
