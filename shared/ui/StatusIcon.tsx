// One icon per status, by shape first. Owns the table status -> icon; words come from whoever shows it.
import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleMinus,
  IconClock,
  IconCloudOff,
  IconInfoCircle,
  IconInfoCircleFilled,
  IconLoader2,
  IconPlayerStop,
} from '@tabler/icons-react'

/**
 * good = protected or done, attention = important, danger = at risk, critical or failed, busy = running,
 * waiting = planned or waits for a restart, quiet = found with low risk.
 */
export type StatusKind =
  | 'good'
  | 'attention'
  | 'danger'
  | 'busy'
  | 'offline'
  | 'waiting'
  | 'skipped'
  | 'stopped'
  | 'info'
  | 'quiet'

const icons = {
  good: IconCircleCheckFilled,
  attention: IconAlertTriangleFilled,
  danger: IconAlertOctagonFilled,
  busy: IconLoader2,
  offline: IconCloudOff,
  waiting: IconClock,
  skipped: IconCircleMinus,
  stopped: IconPlayerStop,
  info: IconInfoCircleFilled,
  quiet: IconInfoCircle,
} as const satisfies Record<StatusKind, unknown>

export interface StatusIconProps {
  readonly status: StatusKind
  /** 16 in rows, 14 in tags. */
  readonly size?: 14 | 16 | 18 | 20
  /** Needed only where no word stands beside it. */
  readonly label?: string
}

/** A status icon in its colour. */
export function StatusIcon({ status, size = 16, label }: StatusIconProps) {
  const Icon = icons[status]
  const accessible = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return <Icon className="ui-status-icon" data-status={status} size={size} stroke={1.8} {...accessible} />
}
