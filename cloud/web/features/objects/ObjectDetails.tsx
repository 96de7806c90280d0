// The evidence of one object on the portal: where it is, its hash, everything that was found in it with its rules, and how
// much of it was looked at. Every text can be selected; nothing in it is a link. Owns the arrangement only.
import type { Detection } from '#shared/domain/detection.ts'
import { FindingList } from '#shared/ui/FindingList.tsx'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { coverageText } from '#shared/ui/text/scan-text.ts'

/** The opened part of a row. */
export function ObjectDetails({ object }: { readonly object: Detection }) {
  const coverage = coverageText(object.coverage)
  return (
    <dl className="object-facts">
      <dt>Path</dt>
      <dd>{object.path.text}</dd>
      <dt>SHA-256</dt>
      <dd className="mono">{object.sha256}</dd>
      <dt>Size</dt>
      <dd>{formatBytes(object.sizeBytes)}</dd>
      {coverage !== undefined && (
        <>
          <dt>Coverage</dt>
          <dd>{coverage}</dd>
        </>
      )}
      {object.holder !== undefined && (
        <>
          <dt>Held by</dt>
          <dd>{object.holder}</dd>
        </>
      )}
      <dt>Found</dt>
      <dd>
        <FindingList detection={object} />
      </dd>
    </dl>
  )
}
