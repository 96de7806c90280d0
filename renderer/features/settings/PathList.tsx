// A list of folders in the settings: add through main's dialog, remove one by one. Owns the view; the caller owns the list.
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'

export interface PathListProps {
  readonly title: string
  /** What holds while the list is empty. */
  readonly whenEmpty: string
  readonly paths: readonly string[]
  readonly onChange: (paths: string[]) => void
}

/** A row, with the paths under it. */
export function PathList({ title, whenEmpty, paths, onChange }: PathListProps) {
  const client = useClient()
  const { busy, run } = useAct()
  const add = () =>
    run('add', async () => {
      const chosen = await client.call('dialog.pickPaths', { kind: 'folders' })
      const fresh = chosen.paths.filter((path) => !paths.includes(path))
      if (fresh.length > 0) onChange([...paths, ...fresh])
    })
  return (
    <div>
      <Row
        title={title}
        detail={paths.length === 0 ? whenEmpty : undefined}
        actions={
          <Button size="xs" loading={busy !== null} aria-label={`Add to ${title}`} onClick={add}>
            Add
          </Button>
        }
      />
      {paths.length > 0 && (
        <ul className="settings-paths" aria-label={title}>
          {paths.map((path) => (
            <li key={path}>
              <MiddleCut text={path} className="t-2" />
              <ActionIcon
                size="xs"
                aria-label={`Remove ${path}`}
                onClick={() => onChange(paths.filter((other) => other !== path))}
              >
                <IconX size={14} stroke={1.6} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
