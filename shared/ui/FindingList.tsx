// Everything that was found in one object: name, what found it, the place inside, and what the rule says of itself.
// Owns how many are shown at first. References are text to select, never links: they lead to sites that nobody checked.
import { useState } from 'react'
import type { Detection, DetectionFinding } from '#shared/domain/detection.ts'
import { formatCount } from './format/count.ts'
import { LinkButton } from './LinkButton.tsx'
import { MiddleCut } from './MiddleCut.tsx'
import { findingKindText, findingPlace, moreFindingsText, ruleFacts } from './text/finding-text.ts'

const shownFirst = 3

/** Worst first. */
export function FindingList({ detection }: { readonly detection: Pick<Detection, 'findings' | 'moreFindings'> }) {
  const { findings, moreFindings = 0 } = detection
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? findings : findings.slice(0, shownFirst)
  return (
    <>
      <ul className="ui-findings">
        {shown.map((finding, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <FindingItem key={index} finding={finding} />
        ))}
      </ul>
      {shown.length < findings.length && (
        <LinkButton onClick={() => setWhole(true)}>Show all {formatCount(findings.length)} matches</LinkButton>
      )}
      {shown.length === findings.length && moreFindings > 0 && (
        <p className="t-caption t-3">{moreFindingsText(moreFindings, formatCount)}</p>
      )}
    </>
  )
}

function FindingItem({ finding }: { readonly finding: DetectionFinding }) {
  const place = findingPlace(finding)
  const facts = ruleFacts(finding)
  return (
    <li>
      <p className="t-strong wrap-anywhere">{finding.threat}</p>
      <p className="t-caption t-2">{findingKindText(finding)}</p>
      {place !== undefined && <MiddleCut text={place} className="t-caption t-2" keep={24} />}
      {finding.rule?.description && <p className="ui-finding-what t-2 wrap-anywhere">{finding.rule.description}</p>}
      {facts.length > 0 && (
        <dl className="ui-finding-rule t-caption">
          {facts.map(({ name, value }) => [
            <dt key={`${name}-name`}>{name}</dt>,
            <dd key={name} className="wrap-anywhere">
              {value}
            </dd>,
          ])}
        </dl>
      )}
    </li>
  )
}
