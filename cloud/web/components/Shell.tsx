// The frame of every screen after sign-in: top bar, sections, account menu, and the banner about the live line.
// Owns the arrangement and signing out.
import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconLogout, IconPlugConnectedX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { brand } from '#shared/brand.ts'
import { Banner } from '#shared/ui/Banner.tsx'
import { formatTime } from '#shared/ui/format/time.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Mark } from '#shared/ui/Mark.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { signOut } from '../bridge/account.ts'
import { retryNow } from '../bridge/live.ts'
import { mirrorStore } from '../state/mirror.ts'
import { routeStore } from '../state/route.ts'
import { sessionStore } from '../state/session.ts'
import { Link } from './Link.tsx'

/** Top bar and content. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const screen = routeStore((state) => state.route.screen)
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="top-bar">
        <div className="top-bar-inner">
          <Link to="/devices" className="brand">
            <Mark state="brand" size={24} />
            <span>{brand.portal}</span>
          </Link>
          <nav className="top-nav" aria-label="Sections">
            <Link to="/devices" className="top-tab" current={screen === 'devices' || screen === 'device'}>
              Devices
            </Link>
          </nav>
          <AccountMenu />
        </div>
      </header>
      <LiveBanner />
      <main className="content" id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function LiveBanner() {
  const link = mirrorStore((mirror) => mirror.link)
  const asOf = mirrorStore((mirror) => mirror.asOf)
  if (link !== 'stale' || asOf === undefined) return null
  return (
    <Banner
      tone="attention"
      icon={<IconPlugConnectedX size={16} stroke={1.6} />}
      action={<LinkButton onClick={retryNow}>Try now</LinkButton>}
    >
      Reconnecting. As of <span className="tabular">{formatTime(asOf)}</span>.
    </Banner>
  )
}

function AccountMenu() {
  const email = sessionStore((state) => state.account?.email ?? '')
  const leave = () => {
    signOut().catch((error: unknown) => {
      const { title, todo } = errorText(error)
      showToast({ kind: 'failed', title, detail: todo })
    })
  }
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="subtle"
          className="account-button"
          rightSection={<IconChevronDown size={16} stroke={1.6} />}
          aria-label={`Account ${email}`}
        >
          <span className="account-name">{email}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="wrap-anywhere">Signed in as {email}</Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
