// Signed out: one action, what the account adds and what never leaves; when it was disconnected, why.
import { Button } from '@mantine/core'
import {
  IconBug,
  IconFile,
  IconListCheck,
  IconLock,
  type IconProps,
  IconRadar2,
  IconSettings,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { brand } from '#shared/brand.ts'
import type { AccountTopic } from '#shared/domain/app-state.ts'
import { Mark } from '#shared/ui/Mark.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'

type Disconnected = Extract<AccountTopic, { status: 'disconnected' }>

const reasons: Record<Disconnected['reason'], string> = {
  'password-reset': 'The password of the account was reset. Sign in with the new one.',
  'device-removed': `This computer was disconnected on ${brand.portal}. Sign in to connect it again.`,
  'account-deleted': 'The account was deleted. Local protection keeps running.',
  'cloned-device': 'Another computer connected with the same key. Sign in again on each of them.',
}

/** The block in the middle of the page. */
export function SignedOutProfile({ disconnected }: { readonly disconnected?: Disconnected }) {
  const client = useClient()
  const { busy, run } = useAct()
  return (
    <section className="profile-card" aria-label={`Sign in to ${brand.portal}`}>
      <div className="profile-card-top">
        {disconnected && <Reason disconnected={disconnected} />}
        <Mark state="brand" size={48} />
        <h2 className="t-display-small">Sign in to {brand.portal}</h2>
        <p className="t-2 profile-card-text">
          Look after this computer from any browser. Local protection works the same with or without an account.
        </p>
        <Button
          size="lg"
          variant="filled"
          loading={busy !== null}
          onClick={() => run('sign-in', async () => void (await client.call('window.openSignIn', {})))}
        >
          Sign in
        </Button>
        <p className="t-caption t-3">No account yet? You can create one in the next window.</p>
      </div>
      <div className="profile-card-foot">
        <Points
          title={`From ${brand.portal} you can`}
          points={[
            [IconRadar2, 'Start and stop scans'],
            [IconBug, 'Process detected objects'],
            [IconListCheck, 'See security problems'],
          ]}
        />
        <Points
          title="What stays on this computer"
          points={[
            [IconFile, 'The contents of your files'],
            [IconLock, 'Quarantine copies'],
            [IconSettings, 'All settings, after you disconnect'],
          ]}
        />
      </div>
    </section>
  )
}

function Reason({ disconnected }: { readonly disconnected: Disconnected }) {
  return (
    <div className="profile-reason" role="status">
      <StatusIcon status="attention" />
      <p>
        <span className="t-strong">
          Disconnected <When at={disconnected.at} form="time" />
        </span>
        <span className="t-2 wrap-anywhere">
          {disconnected.email}. {reasons[disconnected.reason]}
        </span>
      </p>
    </div>
  )
}

interface PointsProps {
  readonly title: string
  readonly points: readonly (readonly [ComponentType<IconProps>, string])[]
}

function Points({ title, points }: PointsProps) {
  return (
    <div className="profile-points">
      <h3 className="t-section">{title}</h3>
      <ul>
        {points.map(([Icon, text]) => (
          <li key={text}>
            <Icon size={16} stroke={1.6} aria-hidden />
            <span className="t-2">{text}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
