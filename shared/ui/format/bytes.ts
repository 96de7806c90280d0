// Sizes as people read them: KB, MB, GB, one decimal below 10. Pure.
import { formatCount } from './count.ts'
import { uiLocale } from './locale.ts'

const units = ['KB', 'MB', 'GB'] as const

/** "512 bytes", "4.2 KB", "38 MB". */
export function formatBytes(bytes: number, locale: string = uiLocale()): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${formatCount(bytes, locale)} bytes`
  let value = bytes / 1000
  let unit = 0
  while (Math.round(value) >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const rounded = value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)
  return `${rounded.toLocaleString(locale)} ${units[unit]}`
}
