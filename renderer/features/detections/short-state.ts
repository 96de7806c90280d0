// The state of an object in the few words that fit into a column. Everything longer is in the kit's table.
import type { Detection } from '#shared/domain/detection.ts'
import { detectionStateText, type StateText } from '#shared/ui/text/state-text.ts'

/** Icon and words for a list. */
export function shortStateText(detection: Detection): StateText {
  const whole = detectionStateText(detection)
  return detection.state === 'at-restart' && !detection.busy ? { ...whole, text: 'On computer restart' } : whole
}
