// The sign of a button that opens what is below its row: it turns when the button says `aria-expanded`. Owns the look only.
import { IconChevronRight } from '@tabler/icons-react'

export function OpenChevron() {
  return <IconChevronRight className="ui-open-chevron" size={16} stroke={1.6} aria-hidden />
}
