// How devices are ordered, counted and filtered in the list. Pure; owns no state.
import type { DeviceCard } from '#shared/domain/device.ts'

/** Where a device stands: its worst status, or that it is not there. Busy hides neither red nor yellow. */
export type DeviceStanding = 'at-risk' | 'needs-attention' | 'busy' | 'protected' | 'offline'
export type DeviceFilter = 'all' | DeviceStanding

const rank: Record<DeviceStanding, number> = { 'at-risk': 0, 'needs-attention': 1, busy: 2, protected: 3, offline: 4 }

/** The standing a device is sorted by. */
export function standingOf(card: DeviceCard): DeviceStanding {
  if (!card.online) return 'offline'
  if (card.status !== 'protected') return card.status
  return isBusy(card) ? 'busy' : 'protected'
}

/** True while a scan runs on a device that is connected. */
export function isBusy(card: DeviceCard): boolean {
  return card.online && card.state?.runningScan != null
}

/** True when a filter shows the device; "Busy" shows every device that works, whatever its status. */
export function passesFilter(card: DeviceCard, filter: DeviceFilter): boolean {
  if (filter === 'all') return true
  return filter === 'busy' ? isBusy(card) : standingOf(card) === filter
}

/** True when the name contains what was typed. */
export function matchesSearch(card: DeviceCard, search: string): boolean {
  return card.name.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase())
}

/** How many devices each filter shows. */
export function countFilters(cards: readonly DeviceCard[]): Record<DeviceFilter, number> {
  const counts: Record<DeviceFilter, number> = {
    all: cards.length,
    'at-risk': 0,
    'needs-attention': 0,
    busy: 0,
    protected: 0,
    offline: 0,
  }
  for (const card of cards) {
    const standing = standingOf(card)
    if (standing !== 'busy') counts[standing]++
    if (isBusy(card)) counts.busy++
  }
  return counts
}

/** Worst first; inside a standing the newest problem first, then by name. */
export function sortWorstFirst(cards: readonly DeviceCard[]): readonly DeviceCard[] {
  const newest = (card: DeviceCard) =>
    Math.max(0, ...(card.state?.problems ?? []).map((problem) => Date.parse(problem.since)))
  return [...cards].sort(
    (a, b) =>
      rank[standingOf(a)] - rank[standingOf(b)] ||
      newest(b) - newest(a) ||
      a.name.localeCompare(b.name) ||
      a.id.localeCompare(b.id),
  )
}

/** The order on screen while somebody points at it: nothing moves, what is gone leaves, what is new comes last. */
export function keepOrder(shown: readonly string[], wanted: readonly string[]): readonly string[] {
  const present = new Set(wanted)
  const known = new Set(shown)
  return [...shown.filter((id) => present.has(id)), ...wanted.filter((id) => !known.has(id))]
}
