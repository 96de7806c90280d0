// Tells screen readers when the protection status changes: red ones at once, the others politely. Shows nothing.
import { brand } from '#shared/brand.ts'
import { protectionText } from '#shared/ui/text/protection-text.ts'
import { useTopic } from '../state/mirror.ts'

/** Two live regions, of which one is empty. */
export function Announcer() {
  const { status } = useTopic('protection')
  const sentence = `${brand.app}: ${protectionText(status).text}`
  const isRed = status === 'at-risk'
  return (
    <div className="visually-hidden">
      <div aria-live="polite">{isRed ? '' : sentence}</div>
      <div aria-live="assertive">{isRed ? sentence : ''}</div>
    </div>
  )
}
