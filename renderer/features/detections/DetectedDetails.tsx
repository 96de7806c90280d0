// The evidence of one object: hash, rule, what was found inside, how much was looked at, and everything done since.
import { ActionIcon, Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { actionsFor, type Detection, type DetectionAction, type DetectionStep } from '#shared/domain/detection.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { foundByName, notScannedText } from '#shared/ui/text/scan-text.ts'
import { actionLabel, detectionStateText, recommendedAction, verdictLabel } from '#shared/ui/text/state-text.ts'
import { copyText } from '../../components/clipboard.ts'
import { gridRoles } from '../../components/grid-roles.ts'
import { When } from '../../components/When.tsx'

export interface DetectedDetailsProps {
  readonly detection: Detection
  readonly onAct: (action: DetectionAction) => void
}

/** The expanded part of a row; its texts can be selected. */
export function DetectedDetails({ detection, onAct }: DetectedDetailsProps) {
  const possible = detection.busy ? [] : actionsFor(detection)
  const best = recommendedAction(detection, possible)
  return (
    <div className="detected-details selectable" {...gridRoles.row}>
      <div {...gridRoles.cell}>
        <Evidence detection={detection} />
        {possible.length > 0 && (
          <div className="app-actions detected-buttons">
            {[...possible]
              .sort((a, b) => Number(b === best) - Number(a === best))
              .map((action) => (
                <Button
                  key={action}
                  size="xs"
                  variant={action === 'delete' ? 'danger' : 'default'}
                  onClick={() => onAct(action)}
                >
                  {actionLabel(action)}
                </Button>
              ))}
          </div>
        )}
      </div>
      <History detection={detection} />
    </div>
  )
}

function Evidence({ detection }: { readonly detection: Detection }) {
  const rule = detection.findings[0]?.rule
  const { coverage } = detection
  const hidden = coverage.kind === 'partial' ? coverage.reasons : coverage.kind === 'none' ? [coverage.reason] : []
  return (
    <dl className="detected-facts">
      <dt>Path</dt>
      <dd className="wrap-anywhere">{detection.path.text}</dd>
      <dt>SHA-256</dt>
      <dd className="detected-hash">
        <span className="mono wrap-anywhere">{detection.sha256}</span>
        <CopyButton text={detection.sha256} />
      </dd>
      <dt>Verdict</dt>
      <dd>{verdictLabel(detection.verdict)}</dd>
      {rule && (
        <>
          <dt>Rule</dt>
          <dd className="wrap-anywhere">
            {[rule.name, rule.description, rule.author && `by ${rule.author}`, rule.reference]
              .filter(Boolean)
              .join(' · ')}
          </dd>
        </>
      )}
      <dt>Size</dt>
      <dd>{formatBytes(detection.sizeBytes)}</dd>
      {detection.findings.length > 1 && <Inside detection={detection} />}
      {hidden.length > 0 && (
        <>
          <dt>Coverage</dt>
          <dd>{hidden.map((reason) => notScannedText(reason)).join(', ')}</dd>
        </>
      )}
      {detection.holder !== undefined && (
        <>
          <dt>Held by</dt>
          <dd className="wrap-anywhere">{detection.holder}</dd>
        </>
      )}
    </dl>
  )
}

function Inside({ detection }: { readonly detection: Detection }) {
  return (
    <>
      <dt>Found</dt>
      <dd>
        {detection.findings.map((finding, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <span className="detected-finding wrap-anywhere" key={index}>
            {[...finding.member, finding.threat].join(' › ')}
          </span>
        ))}
      </dd>
    </>
  )
}

function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false)
  const Icon = isCopied ? IconCheck : IconCopy
  return (
    <ActionIcon size="xs" aria-label={isCopied ? 'Copied' : 'Copy the hash'} onClick={() => setCopied(copyText(text))}>
      <Icon size={14} stroke={1.6} aria-hidden />
    </ActionIcon>
  )
}

function History({ detection }: { readonly detection: Detection }) {
  return (
    <div {...gridRoles.cell}>
      <p className="t-3">What was done</p>
      <ol className="detected-history">
        {detection.history.map((step) => (
          <li key={`${step.at} ${step.state}`}>
            <span className="t-3 tabular">
              <When at={step.at} form="time" capital />
            </span>
            <span className="wrap-anywhere">{stepText(detection, step)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** "Found by Full Scan", "Disinfected, asked by anna@…". */
export function stepText(detection: Pick<Detection, 'scanType' | 'risk'>, step: DetectionStep): string {
  if (step.state === 'found') return `Found by ${foundByName(detection.scanType)}`
  const { text } = detectionStateText({
    ...detection,
    state: step.state,
    reason: step.reason,
    quarantineId: undefined,
    busy: false,
  })
  const who =
    step.by.kind === 'remote' ? `, asked by ${step.by.account}` : step.by.kind === 'restart' ? ' after the restart' : ''
  return `${text}${who}${step.note === undefined ? '' : ` (${step.note})`}`
}
