// The bare names that the preload lets through, free of zod so that the preload stays small. A type-level check fails the
// build when this list and the contract differ.

export const appCallNames = [
  'state.snapshot',
  'scan.start',
  'scan.control',
  'scan.notScanned',
  'detections.list',
  'detections.act',
  'detections.restore',
  'quarantine.list',
  'quarantine.restore',
  'quarantine.delete',
  'quarantine.keep',
  'allowed.list',
  'allowed.remove',
  'problem.ignore',
  'settings.change',
  'account.signIn',
  'account.create',
  'account.disconnect',
  'account.rename',
  'cloud.retry',
  'restart.now',
  'restart.answer',
  'alert.act',
  'alert.dismiss',
  'alert.show',
  'infection.pause',
  'infection.choose',
  'window.openMain',
  'window.openSignIn',
  'window.closeSignIn',
  'external.open',
  'dialog.pickPaths',
] as const

export const appEventNames = ['state.changed'] as const
