// "Save to file": all that is shown, as a table or as text. Main asks where and writes. Owns the words about it.
import { Button, Menu } from '@mantine/core'
import { IconDownload, IconFileText, IconTable } from '@tabler/icons-react'
import type { ReportFormat, ReportSelection } from '#shared/domain/reports.ts'
import { plural } from '#shared/ui/format/count.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { isCancelled, useAct, useClient } from '../../bridge/client-context.tsx'
import { saveFailureText } from './save-text.ts'

export interface SaveReportProps {
  readonly selection: ReportSelection
  readonly disabled: boolean
}

const toastId = 'report-saved'

/** Not only what is loaded: all pages of it. */
export function SaveReport({ selection, disabled }: SaveReportProps) {
  const client = useClient()
  const { run } = useAct()
  const save = (format: ReportFormat) =>
    run(format, async () => {
      try {
        const { path, events } = await client.call('history.save', { ...selection, format })
        const detail = `${plural(events, 'event', 'events')} in ${path}`
        showToast({ kind: 'done', id: toastId, title: 'Report saved', detail })
      } catch (error) {
        if (isCancelled(error)) return
        showToast({ kind: 'failed', id: toastId, title: 'The report was not saved', detail: saveFailureText(error) })
      }
    })
  const icon = (Icon: typeof IconTable) => <Icon className="report-save-icon" size={16} stroke={1.6} aria-hidden />
  return (
    <Menu returnFocus>
      <Menu.Target>
        <Button
          className="app-toolbar-end"
          disabled={disabled}
          leftSection={<IconDownload size={16} stroke={1.6} aria-hidden />}
        >
          Save to file
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={icon(IconTable)} onClick={() => save('csv')}>
          Table for spreadsheets (CSV)
        </Menu.Item>
        <Menu.Item leftSection={icon(IconFileText)} onClick={() => save('text')}>
          Plain text
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
