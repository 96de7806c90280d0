// Where the alert windows stand: at the bottom right of the screen, each a step beside the others, so that none hides the name
// of another. Pure.
import { type AlertKind, AlertKind as AlertKinds } from '#shared/domain/alerts.ts'

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Of the content; the frame comes to it. */
export const alertSize = { width: 460, height: 360 }

const margin = 16
const step = 36
const titleBar = 40

/** The place of a kind of alert inside `area`, the part of the screen without panels. Never outside of its top left. */
export function alertPlace(kind: AlertKind, area: Area): { readonly x: number; readonly y: number } {
  const offset = margin + step * AlertKinds.options.indexOf(kind)
  return {
    x: Math.max(area.x, area.x + area.width - alertSize.width - offset),
    y: Math.max(area.y, area.y + area.height - alertSize.height - titleBar - offset),
  }
}
