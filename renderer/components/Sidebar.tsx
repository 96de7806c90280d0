// The sidebar: mark with the live state, sections with counts, the account at the foot. Owns navigation by mouse and Tab.
import {
  IconArchive,
  IconBell,
  IconBug,
  IconClipboardList,
  IconHome,
  type IconProps,
  IconRadar2,
  IconSettings,
  IconUserCircle,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { brand } from '#shared/brand.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { Mark } from '#shared/ui/Mark.tsx'
import { useTopic } from '../state/mirror.ts'
import { goTo, type Section, useNavigation } from '../state/navigation.ts'
import { useMarkState } from '../state/status.ts'

/** The left column of the main window. */
export function Sidebar() {
  const mark = useMarkState()
  const { unprocessed } = useTopic('detections')
  const { problems } = useTopic('protection')
  const noticed = problems.filter((problem) => !problem.ignored).length
  return (
    <nav className="app-sidebar" aria-label="Sections">
      <div className="app-brand">
        <Mark state={mark} size={24} />
        <span className="app-brand-name">{brand.app}</span>
      </div>
      <div className="app-nav">
        <NavItem section="home" label="Home" icon={IconHome} />
        <NavItem section="security" label="Security" icon={IconRadar2} />
        <NavItem section="detected" label="Detected objects" icon={IconBug} count={unprocessed} />
        <NavItem section="quarantine" label="Quarantine" icon={IconArchive} />
        <NavItem section="reports" label="Reports" icon={IconClipboardList} />
      </div>
      <div className="app-nav app-nav-foot">
        <NavItem section="notifications" label="Notification Center" icon={IconBell} count={noticed} />
        <NavItem section="settings" label="Settings" icon={IconSettings} />
        <ProfileItem />
      </div>
    </nav>
  )
}

interface NavItemProps {
  readonly section: Section
  readonly label: string
  readonly icon: ComponentType<IconProps>
  readonly count?: number
}

function NavItem({ section, label, icon: Icon, count = 0 }: NavItemProps) {
  const isHere = useNavigation((navigation) => navigation.section === section)
  return (
    <button
      type="button"
      className="app-nav-item"
      aria-current={isHere ? 'page' : undefined}
      onClick={() => goTo(section)}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
      <span className="app-nav-label">{label}</span>
      {count > 0 && <span className="app-nav-count tabular">{formatCount(count)}</span>}
    </button>
  )
}

function ProfileItem() {
  const isHere = useNavigation((navigation) => navigation.section === 'profile')
  const account = useTopic('account')
  const { link } = useTopic('cloud')
  return (
    <button
      type="button"
      className="app-nav-item app-nav-profile"
      aria-current={isHere ? 'page' : undefined}
      onClick={() => goTo('profile')}
    >
      <IconUserCircle size={18} stroke={1.6} aria-hidden />
      <span className="app-nav-label">
        <span>Profile</span>
        <span className="app-nav-caption">{accountWord(account.status, link)}</span>
      </span>
    </button>
  )
}

function accountWord(status: 'signed-out' | 'connected' | 'disconnected', link: string): string {
  if (status === 'signed-out') return 'Not signed in'
  if (status === 'disconnected') return 'Disconnected'
  return link === 'online' ? 'Connected' : link === 'connecting' ? 'Connecting' : 'Not connected'
}
