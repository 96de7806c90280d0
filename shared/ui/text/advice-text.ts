// What a person can do about an object that was left as it is, the same in the app and on the portal. Owns sentences only.
import { noCopyTodo } from '#shared/domain/copy-text.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { ProtectedReason } from '#shared/domain/treatment.ts'
import { textOfCode } from './error-text.ts'
import { elevateLabel } from './state-text.ts'

const again = 'Update the databases and scan it again.'

const protectedTexts: Record<ProtectedReason, { readonly why: string; readonly todo: string }> = {
  'system-folder': {
    why: 'the folder is made by the kernel and holds no files of its own',
    todo: 'Nothing needs to be done.',
  },
  kernel: {
    why: 'it is part of the kernel that runs',
    todo: `${again} If it is still detected, install the kernel anew from the system’s packages and restart.`,
  },
  boot: {
    why: 'the computer starts from it',
    todo: `${again} If it is still detected, make the boot image anew (update-initramfs, dracut or mkinitcpio) or install the boot loader anew, then restart.`,
  },
  'system-library': {
    why: 'every program needs it',
    todo: `${again} If it is still detected, install its package anew.`,
  },
  essential: {
    why: 'the computer needs it to start, or to let people sign in',
    todo: `${again} If it is still detected, install its package anew.`,
  },
  'own-installation': {
    why: 'it is part of this app',
    todo: `${again} If it is still detected, install the app anew from where you got it.`,
  },
  'own-data': {
    why: 'it is data of this app',
    todo: 'Nothing needs to be done.',
  },
  'package-file': {
    why: 'it is exactly as a package of the system brought it',
    todo: `${again} If it is still detected and you trust the package, exclude its folder from scans.`,
  },
}

/** Where it is read: on the portal, in the app's list, or in the window that asks about one object. */
export type AdvicePlace = 'portal' | 'list' | 'alert'

const placeWords: Record<AdvicePlace, string> = {
  portal: ' in the app on the computer',
  list: '',
  alert: ' in Detected objects',
}

/** One or two sentences; undefined where there is nothing to advise. */
export function adviceText(
  { state, reason, protectedBy, canElevate }: Pick<Detection, 'state' | 'reason' | 'protectedBy' | 'canElevate'>,
  place: AdvicePlace = 'portal',
): string | undefined {
  if (state === 'protected' && protectedBy !== undefined) {
    const { why, todo } = protectedTexts[protectedBy]
    return `It was not touched. This may be a false alarm: ${why}. ${todo}`
  }
  if (state === 'backup-failed') return noCopyTodo(reason ?? 'backup-failed', 1, placeWords[place])
  const offer = `hoose ${elevateLabel}${placeWords[place]}.`
  if (state === 'at-restart') return canElevate === true ? `${restartTodo} Or c${offer}` : restartTodo
  const isLeft = leftStates.has(state)
  if (!isLeft || reason === undefined) return undefined
  const { todo } = textOfCode(reason)
  return canElevate === true ? `${todo} C${offer}` : todo
}

const leftStates: ReadonlySet<Detection['state']> = new Set(['failed', 'protected', 'changed', 'kept'])
const restartTodo = 'Save your work and restart the computer to finish.'
