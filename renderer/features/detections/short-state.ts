// The state of an object in the few words that fit into a column. Everything longer is in the kit's table.
import type { Detection } from '#shared/domain/detection.ts'
import { detectionStateText, type StateText } from '#shared/ui/text/state-text.ts'

const short: Partial<Record<Detection['state'], string>> = {
  'at-restart': 'On computer restart',
  quarantined: 'Copied, original left',
}

/** Icon and words for a list. */
export function shortStateText(detection: Detection): StateText {
  const whole = detectionStateText(detection)
  const text = detection.busy ? undefined : short[detection.state]
  return text === undefined ? whole : { ...whole, text }
}
