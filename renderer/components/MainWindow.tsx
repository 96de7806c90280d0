// The main window: sidebar and the section that is chosen. Owns the keys Ctrl+1…8; never the content of a section.
import { type ComponentType, useEffect } from 'react'
import { DetectedSection } from '../features/detections/DetectedSection.tsx'
import { HomeSection } from '../features/home/HomeSection.tsx'
import { NotificationsSection } from '../features/notifications/NotificationsSection.tsx'
import { ProfileSection } from '../features/profile/ProfileSection.tsx'
import { QuarantineSection } from '../features/quarantine/QuarantineSection.tsx'
import { RestoreDialogs } from '../features/quarantine/RestoreDialogs.tsx'
import { UndoDialog } from '../features/quarantine/UndoDialog.tsx'
import { ReportsSection } from '../features/reports/ReportsSection.tsx'
import { SecuritySection } from '../features/security/SecuritySection.tsx'
import { SettingsSection } from '../features/settings/SettingsSection.tsx'
import { goTo, type Section, sections, useNavigation } from '../state/navigation.ts'
import { Announcer } from './Announcer.tsx'
import { Sidebar } from './Sidebar.tsx'

const pages: Readonly<Record<Section, ComponentType>> = {
  home: HomeSection,
  security: SecuritySection,
  detected: DetectedSection,
  quarantine: QuarantineSection,
  reports: ReportsSection,
  notifications: NotificationsSection,
  settings: SettingsSection,
  profile: ProfileSection,
}

/** Everything inside the main window's frame. */
export function MainWindow() {
  const section = useNavigation((navigation) => navigation.section)
  useSectionKeys()
  const Page = pages[section]
  return (
    <div className="app-window">
      <Sidebar />
      <Page key={section} />
      <RestoreDialogs />
      <UndoDialog />
      <Announcer />
    </div>
  )
}

function useSectionKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      const section = /^[1-9]$/.test(event.key) ? sections[Number(event.key) - 1] : undefined
      if (section === undefined) return
      event.preventDefault()
      goTo(section)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
