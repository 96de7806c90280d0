// What of the signature databases cannot be used, so that nobody takes them for more than they are. Nothing when all of it can.
import { useState } from 'react'
import { type RejectedPart, rejectedCount, rejectedText } from '#shared/domain/rejected-parts.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { useTopic } from '../../state/mirror.ts'

/** One line; the list opens under it. */
export function UnusableDatabases() {
  const { databases } = useTopic('protection')
  const [isOpen, setOpen] = useState(false)
  if (databases === null || databases.rejected.length === 0) return null
  const { rejected } = databases
  return (
    <Group title="Databases">
      <Row
        icon={<StatusIcon status="info" />}
        title={rejectedText(rejectedCount(rejected), formatCount)}
        detail="Everything else in them is in use"
        actions={
          <LinkButton onClick={() => setOpen((was) => !was)}>{isOpen ? 'Hide the list' : 'Show the list'}</LinkButton>
        }
      />
      {isOpen && (
        <ul className="settings-rejected" aria-label="Lines and files that cannot be used">
          {rejected.map((part) => (
            <li key={`${part.file}:${part.line}:${part.problem}`}>
              <MiddleCut text={placeOf(part)} className="t-2" keep={24} />
              <span className="t-caption t-3 wrap-anywhere">{part.problem}</span>
            </li>
          ))}
        </ul>
      )}
    </Group>
  )
}

/** The last entry may stand for all that follow. */
function placeOf({ file, line }: RejectedPart): string {
  if (file === '') return 'Others'
  return line === 0 ? file : `${file}, line ${formatCount(line)}`
}
