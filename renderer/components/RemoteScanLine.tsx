// One line that says that a scan runs and who asked for it from the portal (D12). Never a window, never a sound.
import { IconCloud } from '@tabler/icons-react'
import { Banner } from '#shared/ui/Banner.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { scanName, scanProgressText } from '#shared/ui/text/scan-text.ts'
import { useTopic } from '../state/mirror.ts'
import { goTo } from '../state/navigation.ts'

/** Nothing while no remote scan runs. */
export function RemoteScanLine() {
  const { running } = useTopic('scan')
  if (running?.origin.kind !== 'remote') return null
  return (
    <Banner
      tone="info"
      icon={<IconCloud size={16} stroke={1.6} aria-hidden />}
      action={<LinkButton onClick={() => goTo('security')}>Show the scan</LinkButton>}
    >
      <span className="t-strong">{scanName(running.type)} runs,</span> started remotely by {running.origin.account}
      {/* A number that changes all the time is not to be read out all the time. */}
      <span className="t-2 tabular" aria-hidden>
        {' '}
        · {scanProgressText(running)}
      </span>
    </Banner>
  )
}
