// Opens and closes the alert windows as the client's state asks for them, without ever taking the keyboard focus. Owns which
// windows are wanted; what they say and what closing one means is the client's business.
import { type AlertKind, AlertKind as AlertKinds } from '#shared/domain/alerts.ts'
import type { AppState } from '#shared/domain/app-state.ts'
import { codeOf } from '#shared/errors.ts'
import type { Client } from '../client/client.ts'
import type { LogPort } from '../client/ports.ts'
import { type AlertWindowName, alertWindowName, type Windows } from './window.ts'

export interface AlertWindowsOptions {
  readonly client: Pick<Client, 'onTopic' | 'state' | 'handlers'>
  readonly windows: Pick<Windows, 'open' | 'get' | 'destroy'>
  readonly log: LogPort
}

export interface AlertWindows {
  /** The person closed one. */
  closed(name: AlertWindowName): void
}

type AlertState = Pick<AppState, 'alerts' | 'restart'>

const wants: Record<AlertKind, (state: AlertState) => boolean> = {
  object: ({ alerts }) => alerts.value.object !== null,
  infection: ({ alerts: { value } }) =>
    value.infection !== null && !(value.infection.phase === 'asking' && value.infection.isHidden),
  restart: ({ restart: { value } }) => value.request !== null && value.request.stage !== 'postponed',
}

/** The alerts for which a window has to be there. */
export function wantedAlerts(state: AlertState): readonly AlertKind[] {
  return AlertKinds.options.filter((kind) => wants[kind](state))
}

/** From now on the windows follow the state. */
export function followAlerts({ client, windows, log }: AlertWindowsOptions): AlertWindows {
  client.onTopic(({ alerts, restart }) => {
    if (!alerts && !restart) return
    const wanted = wantedAlerts(client.state())
    for (const kind of AlertKinds.options) {
      const name = alertWindowName(kind)
      const isOpen = windows.get(name) !== null
      if (wanted.includes(kind) && !isOpen) windows.open(name)
      if (!wanted.includes(kind) && isOpen) windows.destroy(name)
    }
  })
  return {
    closed: (name) => {
      const alert = AlertKinds.options.find((kind) => alertWindowName(kind) === name)
      if (alert === undefined) return
      Promise.resolve(client.handlers['alert.dismiss']({ alert }, undefined, new AbortController().signal)).catch(
        (error: unknown) => log.error('closing an alert not recorded', { alert, code: codeOf(error) }),
      )
    },
  }
}
