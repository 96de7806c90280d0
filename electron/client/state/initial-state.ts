// What every topic says before anything is known. Pure.
import type { TopicName, TopicValue } from '#shared/domain/app-state.ts'
import type { Component } from '#shared/domain/device.ts'
import { noSecondEngine } from '#shared/domain/second-engine.ts'
import { defaultSettings } from '#shared/files/settings-file.ts'
import type { DeviceFactsPort } from '../ports.ts'

type Values = { [N in TopicName]: TopicValue<N> }

export function initialState(portalUrl: string, device: DeviceFactsPort): Values {
  return {
    protection: {
      status: 'needs-attention',
      problems: [],
      components: componentsWith('off', 'off'),
      engine: 'starting',
      databases: null,
      patternBackend: null,
      secondEngine: noSecondEngine,
      secretStorage: 'unknown',
      runtime: { app: device.appVersion, electron: device.electronVersion, node: device.nodeVersion },
    },
    scan: { running: null, last: null, lastByType: { quick: null, full: null, custom: null }, notScanned: [] },
    detections: { total: 0, unprocessed: 0, atRestart: 0, recent: [] },
    quarantine: {
      ...{ count: 0, bytes: 0, storeBytes: 0, limitBytes: defaultSettings.quarantine.limitBytes },
      ...{ newest: [], falseAlarms: { count: 0, newest: [] }, allowed: 0 },
    },
    account: { status: 'signed-out' },
    cloud: {
      portalUrl: portalUrl.slice(0, 256),
      link: 'off',
      lastSyncAt: null,
      offlineSince: null,
      nextTryInMs: null,
      lastError: null,
      outboxWaiting: 0,
      clockSkewMs: 0,
      commands: [],
    },
    settings: defaultSettings,
    history: { recent: [] },
    restart: { pending: [], request: null },
    alerts: { object: null, infection: null },
  }
}

/** The components of this version; those that do not exist yet never count as on. */
export function componentsWith(
  onDemandScan: Component['state'],
  fileProtection: Component['state'],
): TopicValue<'protection'>['components'] {
  return [
    { id: 'on-demand-scan', state: onDemandScan },
    { id: 'file-protection', state: fileProtection },
    { id: 'background-scan', state: 'not-available' },
    { id: 'removable-drives', state: 'not-available' },
    { id: 'automatic-updates', state: 'not-available' },
  ]
}
