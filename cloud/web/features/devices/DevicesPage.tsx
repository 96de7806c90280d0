// All computers of the account, worst first, live (screens 13 and 18). Owns filter, search and view; the mirror owns the data.
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconLayoutGrid, IconList, IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { ChipFilter, type ChipOption } from '#shared/ui/ChipFilter.tsx'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { loadDevices } from '../../bridge/devices.ts'
import { useTitle } from '../../components/use-title.ts'
import {
  countFilters,
  type DeviceFilter,
  matchesSearch,
  passesFilter,
  sortWorstFirst,
} from '../../state/device-view.ts'
import { mirrorStore } from '../../state/mirror.ts'
import { useIdleOrder } from '../../state/use-idle-order.ts'
import { AddDeviceDialog, ConnectSteps } from './AddDeviceDialog.tsx'
import { DeviceLine } from './DeviceLine.tsx'
import { DeviceTile } from './DeviceTile.tsx'
import { TileSkeletons } from './TileSkeletons.tsx'

type View = 'tiles' | 'list'

const views = [
  { value: 'tiles', label: 'Tiles', icon: <IconLayoutGrid size={16} stroke={1.8} /> },
  { value: 'list', label: 'List', icon: <IconList size={16} stroke={1.8} /> },
] as const

/** Planned commands are fetched for offline devices up to this many. */
const plannedFetchLimit = 20

/** The Devices section. */
export function DevicesPage() {
  useTitle('Devices')
  const devices = mirrorStore((mirror) => mirror.devices)
  const loaded = mirrorStore((mirror) => mirror.loaded)
  const failure = mirrorStore((mirror) => mirror.failure)
  const [adding, setAdding] = useState(false)
  const cards = [...devices.values()]
  return (
    <>
      <div className="page-head">
        <h1 className="t-display">Devices</h1>
        <div className="page-actions">
          <Button
            size="md"
            className="wide-only"
            leftSection={<IconPlus size={16} stroke={1.8} />}
            onClick={() => setAdding(true)}
          >
            Add device
          </Button>
          <ActionIcon size="lg" className="narrow-only" aria-label="Add device" onClick={() => setAdding(true)}>
            <IconPlus size={20} stroke={1.8} />
          </ActionIcon>
        </div>
      </div>
      {!loaded && failure === undefined && <TileSkeletons />}
      {!loaded && failure !== undefined && <LoadFailed failure={failure} />}
      {loaded && cards.length === 0 && <NoDevices />}
      {loaded && cards.length > 0 && <DeviceList />}
      {adding && <AddDeviceDialog onClose={() => setAdding(false)} />}
    </>
  )
}

function DeviceList() {
  const devices = mirrorStore((mirror) => mirror.devices)
  const live = mirrorStore((mirror) => mirror.link === 'live')
  const [filter, setFilter] = useState<DeviceFilter>('all')
  const [search, setSearch] = useState('')
  const [view, setView] = useState<View>('tiles')
  const now = useNow()
  const cards = [...devices.values()]
  const order = useIdleOrder(sortWorstFirst(cards).map((card) => card.id))
  const shown = order
    .flatMap((id) => devices.get(id) ?? [])
    .filter((card) => passesFilter(card, filter) && matchesSearch(card, search))
  const loadPlanned = countFilters(cards).offline <= plannedFetchLimit
  const clear = () => {
    setFilter('all')
    setSearch('')
  }
  return (
    <>
      <div className="toolbar">
        <ChipFilter label="Status" options={chips(countFilters(cards))} value={filter} onChange={setFilter} />
        <div className="toolbar-end">
          <TextInput
            className="search"
            aria-label="Search by name"
            placeholder="Search by name"
            type="search"
            leftSection={<IconSearch size={16} stroke={1.6} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <div className="wide-only">
            <SegmentedFilter label="View" options={views} value={view} onChange={setView} />
          </div>
        </div>
      </div>
      {shown.length === 0 && <NothingMatches search={search} hidden={cards.length} onClear={clear} />}
      {shown.length > 0 && view === 'tiles' && (
        <ul className="tiles" aria-label="Devices">
          {shown.map((card) => (
            <DeviceTile key={card.id} card={card} now={now} loadPlanned={loadPlanned} />
          ))}
        </ul>
      )}
      {shown.length > 0 && view === 'list' && (
        <ul className="lines" aria-label="Devices">
          {shown.map((card) => (
            <DeviceLine key={card.id} card={card} now={now} />
          ))}
        </ul>
      )}
      {live && (
        <p className="live-note t-caption t-3">
          <span className="live-dot" aria-hidden /> Live. Cards change by themselves, worst status first.
        </p>
      )}
    </>
  )
}

function chips(counts: Record<DeviceFilter, number>): readonly ChipOption<DeviceFilter>[] {
  return [
    { value: 'all', label: 'All', count: counts.all },
    { value: 'at-risk', label: 'At risk', count: counts['at-risk'], status: 'danger' },
    { value: 'needs-attention', label: 'Needs attention', count: counts['needs-attention'], status: 'attention' },
    { value: 'busy', label: 'Busy', count: counts.busy, status: 'busy' },
    { value: 'protected', label: 'Protected', count: counts.protected, status: 'good' },
    { value: 'offline', label: 'Offline', count: counts.offline, status: 'offline' },
  ]
}

interface NothingMatchesProps {
  readonly search: string
  readonly hidden: number
  readonly onClear: () => void
}

function NothingMatches({ search, hidden, onClear }: NothingMatchesProps) {
  const typed = search.trim()
  return (
    <div className="ui-group-body">
      <EmptyState
        kind="search"
        title={typed === '' ? 'No device has this status' : `Nothing matches “${typed}”`}
        detail={`${plural(hidden, 'device is', 'devices are')} hidden by the ${typed === '' ? 'filter' : 'search'}.`}
        action={<Button onClick={onClear}>{typed === '' ? 'Show all' : 'Clear search'}</Button>}
      />
    </div>
  )
}

function NoDevices() {
  return (
    <div className="ui-group-body no-devices">
      <h2 className="t-title">No computer is connected yet</h2>
      <p className="t-2">A computer appears here as soon as its app is signed in to your account.</p>
      <ConnectSteps />
    </div>
  )
}

function LoadFailed({ failure }: { readonly failure: unknown }) {
  const { title, todo } = errorText(failure)
  return (
    <div className="ui-group-body">
      <ErrorState
        title={`Devices could not be loaded: ${title.toLowerCase()}`}
        detail={todo}
        onRetry={() => void loadDevices()}
      />
    </div>
  )
}
