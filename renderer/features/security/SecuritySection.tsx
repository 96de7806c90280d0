// Security: the running scan with everything it says, else the last one; what was found; the scans that can be started.
import { SectionPage } from '../../components/SectionPage.tsx'
import { useTopic } from '../../state/mirror.ts'
import { FoundSoFar } from './FoundSoFar.tsx'
import { LastScanCard } from './LastScanCard.tsx'
import { NotScanned } from './NotScanned.tsx'
import { RunningScanCard } from './RunningScanCard.tsx'
import { ScanTypes } from './ScanTypes.tsx'
import './security.css'

/** The section of scans. */
export function SecuritySection() {
  const { running, last } = useTopic('scan')
  return (
    <SectionPage title="Security" withoutRemoteLine>
      {running !== null && <RunningScanCard scan={running} />}
      {running === null && <ScanTypes />}
      {running === null && last !== null && <LastScanCard scan={last} />}
      <FoundSoFar />
      <NotScanned />
    </SectionPage>
  )
}
