// What an object is: name, place, threat and risk at a glance; hashes and what found it on request. Texts can be selected.
import type { Detection } from '#shared/domain/detection.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { riskReason, riskWord } from '#shared/ui/text/alert-text.ts'
import { findingKindText } from '#shared/ui/text/finding-text.ts'
import { objectName, riskClass } from '#shared/ui/text/state-text.ts'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { HashText } from '../../components/HashText.tsx'

/** Four lines. */
export function ObjectFacts({ detection }: { readonly detection: Detection }) {
  const { name, folder } = objectName(detection)
  return (
    <dl className="alert-facts">
      <dt>Object</dt>
      <dd className="t-strong">
        <MiddleCut text={name} />
      </dd>
      <dt>Location</dt>
      <dd>
        <MiddleCut text={folder} />
      </dd>
      <dt>Threat</dt>
      <dd>
        <Ellipsis text={detection.threat} />
      </dd>
      <dt>Risk</dt>
      <dd>
        <span className={`t-strong ${riskClass(detection.risk)}`}>{riskWord(detection.risk)}</span>{' '}
        <span className="t-3">{riskReason(detection)}</span>
      </dd>
    </dl>
  )
}

/** The evidence. */
export function ObjectEvidence({ detection }: { readonly detection: Detection }) {
  const [worst] = detection.findings
  return (
    <dl className="alert-evidence selectable">
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
      {worst !== undefined && (
        <>
          <dt>Found as</dt>
          <dd>{findingKindText(worst)}</dd>
        </>
      )}
      <dt>Size</dt>
      <dd>{formatBytes(detection.sizeBytes)}</dd>
    </dl>
  )
}
