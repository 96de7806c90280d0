// Three facts: last scan, databases, My Kaspersky. Each with icon, word, one line and a way on.
import type { ReactNode } from 'react'
import { brand } from '#shared/brand.ts'
import type { FinishedScan, RunningScan } from '#shared/domain/scan.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { formatAge } from '#shared/ui/format/duration.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { gradeStatus } from '#shared/ui/text/protection-text.ts'
import { scanName, scanOutcomeText, scanProgressText, scanStatus } from '#shared/ui/text/scan-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'

/** One block of three columns. */
export function Facts() {
  return (
    <section className="home-facts" aria-label="Facts">
      <ScanFact />
      <DatabasesFact />
      <PortalFact />
    </section>
  )
}

interface FactProps {
  readonly name: string
  readonly link?: { readonly label: string; readonly run: () => void }
  readonly status: StatusKind
  readonly value: string
  readonly children: ReactNode
}

function Fact({ name, link, status, value, children }: FactProps) {
  return (
    <div className="home-fact">
      <div className="home-fact-head">
        <h2 className="t-caption t-3">{name}</h2>
        {link && <LinkButton onClick={link.run}>{link.label}</LinkButton>}
      </div>
      <p className="home-fact-value">
        <StatusIcon status={status} />
        <span className="t-strong">{value}</span>
      </p>
      <p className="t-2 home-fact-line">{children}</p>
    </div>
  )
}

function ScanFact() {
  const { running, last } = useTopic('scan')
  const link = { label: running === null ? 'Security' : 'Show', run: () => goTo('security') }
  if (running !== null) return <RunningFact scan={running} link={link} />
  if (last === null) {
    return (
      <Fact name="Last scan" link={link} status="quiet" value="No scan yet">
        A Quick Scan takes a few minutes
      </Fact>
    )
  }
  return (
    <Fact name="Last scan" link={link} status={factStatus(last)} value={scanValue(last)}>
      {scanName(last.type)}, <When at={last.finishedAt} />
    </Fact>
  )
}

function RunningFact({ scan, link }: { readonly scan: RunningScan; readonly link: NonNullable<FactProps['link']> }) {
  const { percent } = scan.progress
  return (
    <Fact
      name="Running scan"
      link={link}
      status="busy"
      value={`${scanName(scan.type)}${percent === null ? '' : `, ${Math.floor(percent)} %`}`}
    >
      {scan.progress.counters.found === 0
        ? scanProgressText(scan)
        : `${plural(scan.progress.counters.found, 'object', 'objects')} found so far`}
    </Fact>
  )
}

/** What waits for a restart is red on Home, as its problem is. */
function factStatus(scan: FinishedScan): StatusKind {
  return scan.outcome === 'completed' && scan.totals.atRestart > 0 ? 'danger' : scanStatus(scan)
}

function scanValue(scan: FinishedScan): string {
  if (scan.totals.atRestart > 0) return `${plural(scan.totals.atRestart, 'object waits', 'objects wait')} for restart`
  return scanOutcomeText(scan)
}

function DatabasesFact() {
  const { databases, problems, engine } = useTopic('protection')
  const now = useNow(60_000)
  const problem = problems.find(({ kind }) => kind.startsWith('databases-'))
  if (databases === null) {
    return (
      <Fact
        name="Databases"
        status={engine === 'failed' ? 'danger' : 'quiet'}
        value={engine === 'failed' ? 'Not loaded' : 'Loading'}
      >
        The scanner engine loads them when it starts
      </Fact>
    )
  }
  const age = now.getTime() - Date.parse(databases.releasedAt)
  const source = { seed: 'Shipped with the app', update: 'Updated', folder: 'From a folder' }[databases.source]
  return (
    <Fact
      name="Databases"
      status={problem === undefined ? 'good' : gradeStatus(problem.grade)}
      value={`${formatCount(databases.signatures)} signatures`}
    >
      {source}, {formatAge(Math.max(0, age))} old
    </Fact>
  )
}

function PortalFact() {
  const account = useTopic('account')
  const cloud = useTopic('cloud')
  const link = { label: 'Profile', run: () => goTo('profile') }
  const name = brand.portal
  if (account.status === 'signed-out') {
    return (
      <Fact name={name} link={link} status="quiet" value="Not signed in">
        Look after this computer from any browser
      </Fact>
    )
  }
  if (account.status === 'disconnected') {
    return (
      <Fact name={name} link={link} status="attention" value="Disconnected">
        Sign in again to connect
      </Fact>
    )
  }
  if (cloud.link === 'online') {
    return (
      <Fact name={name} link={link} status="good" value="Connected">
        {cloud.lastSyncAt === null ? (
          'Synchronising'
        ) : (
          <>
            Synchronised <When at={cloud.lastSyncAt} form="relative" />
          </>
        )}
      </Fact>
    )
  }
  return (
    <Fact
      name={name}
      link={link}
      status="offline"
      value={cloud.link === 'update-needed' ? 'Update needed' : 'Not connected'}
    >
      {cloud.offlineSince === null ? (
        'Connecting'
      ) : (
        <>
          Since <When at={cloud.offlineSince} />
        </>
      )}
    </Fact>
  )
}
