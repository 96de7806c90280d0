// The buttons in a card's foot: the fix of what is wrong first, else scans, else control of the running one.
// One filled button at most, and only where something is wrong.
import { Button } from '@mantine/core'
import type { DeviceCard } from '#shared/domain/device.ts'
import { askToRestart } from '#shared/domain/problem-text.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { devicePathOf, navigate } from '../../state/route.ts'
import { restartBody } from '../commands/restart-state.ts'
import { runCommand } from '../commands/run-command.ts'
import { sortProblems } from './card-text.ts'
import { commandOf, controlScan, scanBody } from './scan-control.ts'

/** Buttons of one card. */
export function CardActions({ card }: { readonly card: DeviceCard }) {
  const problem = card.online ? sortProblems(card.state?.problems ?? []).find(({ ignored }) => !ignored) : undefined
  const review = problem?.fix === 'process-objects'
  const restart = problem?.fix === 'restart' && card.state?.restart == null
  return (
    <>
      {review && (
        <Button variant="filled" onClick={() => navigate(devicePathOf(card.id, 'objects'))}>
          Review
        </Button>
      )}
      {restart && (
        <BusyButton variant="filled" onRun={() => runCommand(card, restartBody)}>
          {askToRestart}
        </BusyButton>
      )}
      <ScanButtons
        card={card}
        one={review || restart}
        fullFirst={problem?.fix === 'full-scan'}
        wrong={card.online && card.status !== 'protected'}
      />
    </>
  )
}

interface ScanButtonsProps {
  readonly card: DeviceCard
  /** Only one of them, beside another fix. */
  readonly one: boolean
  readonly fullFirst: boolean
  readonly wrong: boolean
}

function ScanButtons({ card, one, fullFirst, wrong }: ScanButtonsProps) {
  const scan = card.online ? card.state?.runningScan : undefined
  if (scan != null) return <RunningButtons card={card} />
  const order = fullFirst ? (['full', 'quick'] as const) : (['quick', 'full'] as const)
  const problemFix = sortProblems(card.state?.problems ?? []).find(({ ignored }) => !ignored)?.fix
  const scanFixes = wrong && (problemFix === 'quick-scan' || problemFix === 'full-scan')
  return (
    <>
      {(one ? order.slice(0, 1) : order).map((type, index) => (
        <BusyButton
          key={type}
          variant={scanFixes && index === 0 ? 'filled' : 'default'}
          onRun={() => runCommand(card, scanBody(type))}
        >
          {type === 'quick' ? 'Quick Scan' : 'Full Scan'}
        </BusyButton>
      ))}
    </>
  )
}

function RunningButtons({ card }: { readonly card: DeviceCard }) {
  const scan = card.state?.runningScan
  const commandId = scan == null ? undefined : commandOf(scan)
  if (scan == null) return null
  if (commandId === undefined) return <span className="t-caption t-3">Started on the device</span>
  const paused = scan.status === 'paused'
  return (
    <>
      <BusyButton
        onRun={() => controlScan(card, commandId, paused ? 'resume' : 'pause')}
        disabled={scan.status === 'stopping'}
      >
        {paused ? 'Resume' : 'Pause'}
      </BusyButton>
      <BusyButton onRun={() => controlScan(card, commandId, 'stop')} disabled={scan.status === 'stopping'}>
        {scan.status === 'stopping' ? 'Stopping' : 'Stop'}
      </BusyButton>
    </>
  )
}
