// The evidence of one object: hashes, risk and why, everything that was found in it with its rules, how much was looked at, and everything
// done since.
import { Button } from '@mantine/core'
import { actionsFor, type Detection, type DetectionAction } from '#shared/domain/detection.ts'
import { FindingList } from '#shared/ui/FindingList.tsx'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { ObjectHistory } from '#shared/ui/ObjectHistory.tsx'
import { adviceText } from '#shared/ui/text/advice-text.ts'
import { riskReason, riskWord } from '#shared/ui/text/alert-text.ts'
import { coverageText } from '#shared/ui/text/scan-text.ts'
import { actionLabel, elevateLabel, recommendedAction } from '#shared/ui/text/state-text.ts'
import { restoreFailureText, undoSentence } from '#shared/ui/text/undo-text.ts'
import { gridRoles } from '../../components/grid-roles.ts'
import { HashText } from '../../components/HashText.tsx'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'

export interface DetectedDetailsProps {
  readonly detection: Detection
  readonly onAct: (action: DetectionAction) => void
  readonly onDeleteWithoutCopy: () => void
  readonly onKeepLargeCopy: () => void
  readonly onElevate: () => void
}

/** A person can decide to lose what no copy can be kept of. */
export function canGoWithoutCopy({ state, busy }: Pick<Detection, 'state' | 'busy'>): boolean {
  return state === 'backup-failed' && !busy
}

/** A person can agree to a copy that is larger than those that are kept unasked. */
export function canKeepLargeCopy({ state, reason, busy }: Pick<Detection, 'state' | 'reason' | 'busy'>): boolean {
  return state === 'backup-failed' && reason === 'too-large' && !busy
}

/** What that is called. */
export const largeCopyLabel = 'Disinfect with a large copy'

/** The system can ask the person for the password of an administrator. */
export function canContinueAsAdministrator({ canElevate, busy }: Pick<Detection, 'canElevate' | 'busy'>): boolean {
  return canElevate === true && !busy
}

/** The expanded part of a row; its texts can be selected. */
export function DetectedDetails(props: DetectedDetailsProps) {
  const { detection, onAct, onDeleteWithoutCopy, onKeepLargeCopy, onElevate } = props
  const possible = detection.busy ? [] : actionsFor(detection)
  const best = recommendedAction(detection, possible)
  return (
    <div className="detected-details selectable" {...gridRoles.row}>
      <div {...gridRoles.cell}>
        <Evidence detection={detection} />
      </div>
      <History detection={detection} />
      <div className="detected-found" {...gridRoles.cell}>
        <p className="t-3">Found</p>
        <div>
          <FindingList detection={detection} />
        </div>
      </div>
      {(possible.length > 0 || canContinueAsAdministrator(detection)) && (
        <div className="app-actions detected-buttons" {...gridRoles.cell}>
          {canContinueAsAdministrator(detection) && (
            <Button size="xs" onClick={onElevate}>
              {elevateLabel}
            </Button>
          )}
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
          {canKeepLargeCopy(detection) && (
            <Button size="xs" onClick={onKeepLargeCopy}>
              {largeCopyLabel}
            </Button>
          )}
          {canGoWithoutCopy(detection) && (
            <Button size="xs" variant="danger" onClick={onDeleteWithoutCopy}>
              Delete without a copy
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

function Evidence({ detection }: { readonly detection: Detection }) {
  const coverage = coverageText(detection.coverage)
  const advice = adviceText(detection, 'list')
  const { retentionDays } = useTopic('settings').quarantine
  const undo = [undoSentence(detection, retentionDays, useSharedNow()), restoreFailureText(detection)].filter(Boolean)
  return (
    <dl className="detected-facts">
      <dt>Path</dt>
      <dd className="wrap-anywhere">{detection.path.text}</dd>
      <dt>SHA-256</dt>
      <dd>
        <HashText hash={detection.sha256} name="SHA-256" />
      </dd>
      {detection.md5 !== undefined && (
        <>
          <dt>MD5</dt>
          <dd>
            <HashText hash={detection.md5} name="MD5" />
          </dd>
        </>
      )}
      <dt>Risk</dt>
      <dd>
        {riskWord(detection.risk)}, {riskReason(detection)}
      </dd>
      <dt>Size</dt>
      <dd>{formatBytes(detection.sizeBytes)}</dd>
      {coverage !== undefined && (
        <>
          <dt>Coverage</dt>
          <dd>{coverage}</dd>
        </>
      )}
      {detection.holder !== undefined && (
        <>
          <dt>Held by</dt>
          <dd className="wrap-anywhere">{detection.holder}</dd>
        </>
      )}
      {undo.length > 0 && (
        <>
          <dt>Undo</dt>
          <dd>{undo.join('. ')}.</dd>
        </>
      )}
      {advice !== undefined && (
        <>
          <dt>What to do</dt>
          <dd>{advice}</dd>
        </>
      )}
    </dl>
  )
}

function History({ detection }: { readonly detection: Detection }) {
  return (
    <div {...gridRoles.cell}>
      <p className="t-3">What was done</p>
      <ObjectHistory detection={detection} time={(at) => <When at={at} form="time" capital />} />
    </div>
  )
}
